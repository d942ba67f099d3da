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
export interface TestServices<Settings> extends AsyncDisposable {
  readonly services: StageServices<Settings> & { readonly registry: ReturnType<typeof memoryRegistry>; readonly artifacts: ArtifactStore };
  readonly attempt: StageAttempt;
  readonly heartbeats: StageProgress[];
  readonly warnings: object[];
  request(input: unknown, node?: string): StageRequest;
}

/** @param settings Of the stages under test, made from the temporary folder. */
export async function testServices<Settings>(settings: (folder: string) => Settings): Promise<TestServices<Settings>> {
  const folder = await mkdtemp(join(tmpdir(), 'overture-stages-'));
  const heartbeats: StageProgress[] = [];
  const warnings: object[] = [];
  return {
    services: {
      artifacts: memoryStore(),
      registry: memoryRegistry(),
      settings: settings(folder),
      stateDir: join(folder, 'state'),
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
