import { memoryStore, type ArtifactStore } from '@overture/artifacts';
import type { StageProgress, StageRequest } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StageAttempt, StageServices } from '../execute-stage.ts';
import { testRegistry, type TestRegistry } from './test-registry.ts';

/** The id of the test run. */
export const run = 'workflow/run' as RunId;

/**
 * All services of a stage, in memory and in a temporary folder, with the recorded heartbeats and warnings.
 */
export interface TestServices<Settings> extends AsyncDisposable {
  readonly services: StageServices<Settings> & {
    readonly registry: TestRegistry;
    readonly artifacts: ArtifactStore;
  };
  readonly attempt: StageAttempt;
  readonly heartbeats: StageProgress[];
  readonly warnings: object[];
  request(input: unknown, node?: string): StageRequest;
}

/**
 * Creates the services for a test of stages.
 * @param settings creates the settings of the tested stages from the temporary folder
 */
export async function testServices<Settings>(
  settings: (folder: string) => Settings,
): Promise<TestServices<Settings>> {
  const folder = await mkdtemp(join(tmpdir(), 'overture-stages-'));
  const registry = await testRegistry();
  await registry.startRun({ run, workflowId: 'workflow', pipeline: 'test', input: {} });
  const heartbeats: StageProgress[] = [];
  const warnings: object[] = [];
  return {
    services: {
      artifacts: memoryStore(),
      registry,
      settings: settings(folder),
      stateDir: join(folder, 'state'),
      logger: { info: () => undefined, warn: (details) => void warnings.push(details) },
      now: () => 0,
      environment: { onnxruntime: 'of the test' },
    },
    attempt: {
      run,
      activityId: '1',
      number: 1,
      signal: new AbortController().signal,
      heartbeat: (progress) => void heartbeats.push(progress),
    },
    heartbeats,
    warnings,
    request: (input, node = 'node') => ({ run, node, input }),
    async [Symbol.asyncDispose]() {
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
