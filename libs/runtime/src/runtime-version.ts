import { createRequire } from 'node:module';

/** The version of onnxruntime-node, without loading it: results may differ in their last bits between versions. */
export function runtimeVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return version;
}
