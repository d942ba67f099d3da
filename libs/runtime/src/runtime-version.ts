import { createRequire } from 'node:module';

/**
 * The version of onnxruntime-node, read without loading it. Results can differ in their last bits between
 * versions.
 */
export function runtimeVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return version;
}
