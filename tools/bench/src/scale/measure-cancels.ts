import { stateQuery } from '@overture/durable';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkerWorld } from './worker-world.ts';

/** The latency of a cancellation in the middle of a stage. */
export interface CancelLatency {
  readonly stage: string;
  /** Until the run has ended as canceled. */
  readonly runSeconds: number;
  /** Until no process started by the stage is left. */
  readonly processSeconds: number;
}

const workMs = 1500; // how long a stage runs before it is canceled, in milliseconds

/**
 * Runs the main job once per stage. Forces that stage to run again and cancels the run while it runs; earlier
 * stages are reused.
 */
export async function measureCancels(
  world: WorkerWorld,
  input: object,
  { stages, log }: { readonly stages: readonly string[]; readonly log: (line: string) => void },
): Promise<CancelLatency[]> {
  const measured: CancelLatency[] = [];
  for (const stage of stages) {
    const workflowId = `cancel-${stage}`;
    const handle = await world.start('trainInitiativeModel', workflowId, {
      ...input,
      name: 'scale',
      reuse: { force: [stage] },
    });
    const ended = handle.result().then(
      () => 'completed',
      () => 'cancelled',
    );
    if (!(await running(world, workflowId, stage, ended))) {
      log(`${stage}: over before it could be canceled`);
      continue;
    }
    await Promise.race([sleep(workMs), ended]);
    const from = performance.now();
    await handle.cancel();
    const how = await ended;
    const runSeconds = (performance.now() - from) / 1000;
    while (world.worker.descendants().length > 0) await sleep(20);
    const processSeconds = (performance.now() - from) / 1000;
    log(
      `${stage}: ${how} ${runSeconds.toFixed(2)} s after the cancel, no process left after ${processSeconds.toFixed(2)} s`,
    );
    if (how === 'cancelled') measured.push({ stage, runSeconds, processSeconds });
  }
  return measured;
}

/** Waits until the stage runs; false if the run has ended before. */
async function running(
  world: WorkerWorld,
  workflowId: string,
  stage: string,
  ended: Promise<string>,
): Promise<boolean> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over) {
    const state = await world.client.workflow
      .getHandle(workflowId)
      .query(stateQuery)
      .catch(() => undefined);
    if (state?.stages.some(({ id, status }) => id === stage && status === 'running')) return true;
    await sleep(50);
  }
  return false;
}
