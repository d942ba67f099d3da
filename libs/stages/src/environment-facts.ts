import { runtimeVersion } from '@overture/runtime';
import { arch, platform } from 'node:os';

/** What contracts may declare to matter of the environment (`environment: ['onnxruntime']`): one fact, one row. */
export function environmentFacts(): Readonly<Record<string, string>> {
  return { onnxruntime: runtimeVersion(), node: process.versions.node, platform: `${platform()}-${arch()}` };
}
