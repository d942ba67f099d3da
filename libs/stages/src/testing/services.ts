import { memoryStore, type ArtifactStore } from '@overture/artifacts';
import type { StageProgress, StageRequest } from '@overture/contracts';
import type { RunId } from '@overture/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageAttempt, StageServices } from '../execute-stage.ts';
import { memoryRegistry } from './memory-registry.ts';

export const run = 'workflow/run' as RunId;

/** Everything that a stage works with, in memory and in a temporary folder, and what it said. */
export async function testServices(changes: Partial<StageServices['settings']> = {}): Promise<{
  services: StageServices & { registry: ReturnType<typeof memoryRegistry>; artifacts: ArtifactStore };
  attempt: StageAttempt;
  heartbeats: StageProgress[];
  warnings: object[];
  request(input: unknown, node?: string): StageRequest;
  [Symbol.asyncDispose](): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'overture-stages-'));
  const heartbeats: StageProgress[] = [];
  const warnings: object[] = [];
  return {
    services: {
      artifacts: memoryStore(),
      registry: memoryRegistry(),
      settings: { stateDir: join(folder, 'state'), baseModels: { cacheDir: join(folder, 'cache'), hubUrl: false, packageMirror: false }, corpora: [], threads: 1, checkpointEverySteps: 5, ...changes },
      logger: { info: () => undefined, warn: (details) => void warnings.push(details) },
      now: () => 0,
      environment: { onnxruntime: 'of the test' },
    },
    attempt: { run, activityId: '1', number: 1, signal: new AbortController().signal, heartbeat: (progress) => void heartbeats.push(progress) },
    heartbeats,
    warnings,
    request: (input, node = 'node') => ({ run, node, input }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
