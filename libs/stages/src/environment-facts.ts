import { runtimeVersion, type ExecutionProvider } from '@overture/runtime';
import { arch, platform } from 'node:os';

/** What contracts may declare to matter of the environment (`environment: ['onnxruntime']`): one fact, one row. Other execution providers give other bits. */
export function environmentFacts({ executionProvider }: { readonly executionProvider: ExecutionProvider }): Readonly<Record<string, string>> {
  return { onnxruntime: executionProvider === 'cpu' ? runtimeVersion() : `${runtimeVersion()} on ${executionProvider}`, node: process.versions.node, platform: `${platform()}-${arch()}` };
}
