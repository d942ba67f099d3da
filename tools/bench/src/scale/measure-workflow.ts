import { watchHeartbeats } from './watch-heartbeats.ts';
import { watchProcesses, type PeakMemory } from './watch-processes.ts';
import type { WorkerWorld } from './worker-world.ts';

/** A stage of a run, or all stages with one name in its child workflows. */
export interface MeasuredStage {
  readonly stage: string;
  /** The longest of them. */
  readonly seconds: number;
  /** The longest time between two heartbeats; absent if it ended before the first check. */
  readonly pause?: number;
}

/** One workflow on one corpus. */
export interface MeasuredWorkflow {
  readonly seconds: number;
  readonly stages: readonly MeasuredStage[];
  readonly peaks: readonly PeakMemory[];
}

/** Runs a workflow to its end while watching its processes and heartbeats. */
export async function measureWorkflow(
  world: WorkerWorld,
  workflow: string,
  input: unknown,
  { log, nested }: { readonly log: (line: string) => void; readonly nested?: string },
): Promise<MeasuredWorkflow> {
  const workflowId = `${workflow}-measured`;
  using processes = watchProcesses();
  await using heartbeats = watchHeartbeats(world.client, workflowId);
  const started = performance.now();
  await (await world.start(workflow, workflowId, input)).result();
  const seconds = (performance.now() - started) / 1000;
  const runs = [
    ...(await world.registry.listRuns({ workflow })),
    ...(nested === undefined ? [] : await world.registry.listRuns({ workflow: nested })),
  ];
  const longest = new Map<string, number>();
  for (const { id } of runs) {
    const { stages } = await world.registry.getRun(id);
    for (const { stage, state, durationMs } of stages)
      if (state === 'ran') longest.set(stage, Math.max(longest.get(stage) ?? 0, durationMs / 1000));
  }
  const pauses = heartbeats.longestPauses();
  const measured = {
    seconds,
    stages: [...longest].map(([stage, each]) => ({ stage, seconds: each, pause: pauses.get(stage) })),
    peaks: processes.peaks(),
  };
  log(
    `${workflow}: ${seconds.toFixed(1)} s; ${measured.stages.map((each) => `${each.stage} ${each.seconds.toFixed(1)}`).join(', ')}; largest process ${measured.peaks[0]?.mib.toFixed(0)} MiB`,
  );
  return measured;
}
