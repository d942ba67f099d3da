import { runtimeVersion, type ExecutionProvider } from '@overture/runtime';
import { arch, platform } from 'node:os';

/**
 * The environment facts on which a contract may declare that its output depends (`environment:
 * ['onnxruntime']`). Other execution providers produce different bits.
 */
export function environmentFacts({
  executionProvider,
}: {
  readonly executionProvider: ExecutionProvider;
}): Readonly<Record<string, string>> {
  return {
    onnxruntime:
      executionProvider === 'cpu' ? runtimeVersion() : `${runtimeVersion()} on ${executionProvider}`,
    node: process.versions.node,
    platform: `${platform()}-${arch()}`,
  };
}
