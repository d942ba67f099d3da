import { openArtifacts } from '@overture/artifacts';
import { artifactsIn } from '@overture/execution';
import type { Metric } from '@overture/registry';
import { inChildProcess } from '@overture/runtime';
import { join } from 'node:path';
import { costMetrics, costScope } from '../cost-metrics.ts';
import type { StageContext } from '../stage-context.ts';
import type { Compute, ComputeJob, ComputeMessage } from './compute-messages.ts';

/** The total bytes of an input's artifacts. */
export function artifactBytes(input: unknown): number {
  return artifactsIn(input).reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * The bytes read by a bootstrap, which reads its input about once per 1,000 resamples. Bundles are opened
 * once, which takes about as long as reading a small share of their bytes.
 */
export function bootstrapBytes({
  bootstrapSamples,
  ...input
}: {
  readonly bootstrapSamples: number;
}): number {
  return artifactsIn(input).reduce(
    (sum, { kind, bytes }) =>
      sum + (kind === 'bundle' ? bytes / 32 : bytes * Math.max(1, bootstrapSamples / 1000)),
    0,
  );
}

/**
 * Below this size in bytes, the slowest stage computes for about a tenth of a second. A child process takes
 * several times that to start, so such work stays in the worker's process.
 */
const smallBytes = 128 * 1024;
/**
 * Time to close open resources after an abort, in milliseconds. Compute functions hold nothing that an abort
 * would lose.
 */
const graceMs = 300;

/** How a function is run. */
export interface InChildOptions<Input> {
  /** Names the work in messages and metrics. */
  readonly stage: string;
  /**
   * Approximate bytes that the work reads, counting repeated reads. Default: the bytes of the input's
   * artifacts, once.
   */
  readonly work?: (input: Input, context: StageContext) => number | Promise<number>;
}

/**
 * Runs `compute` in a child process with the worker's settings and artifacts, so that it does not block the
 * worker. This is the only way in which stages compute. Small work runs in the worker's process. Heartbeats,
 * metrics, log lines and errors arrive as if it ran in the worker. Aborting ends it within a second, whatever
 * it does.
 * @param moduleUrl `import.meta.url` of the module that exports `compute` under its own name
 * @throws AppError of `compute`; `RUNTIME_CHILD_DIED` (retryable)
 */
export function inChild<Input, Output>(
  moduleUrl: string,
  compute: Compute<Input, Output>,
  { stage, work = artifactBytes }: InChildOptions<Input>,
): (input: Input, context: StageContext) => Promise<Output> {
  return async (input, context) => {
    const {
      artifacts: { place },
      settings,
      signal,
      workDir,
      run,
    } = context;
    // An in-memory store is not shared between processes.
    if (place === undefined || (await work(input, context)) <= smallBytes) return compute(input, context);
    const { fetch: _fetch, ...baseModels } = settings.baseModels;
    const job: ComputeJob = {
      moduleUrl,
      name: compute.name,
      input,
      place,
      settings: { ...settings, baseModels },
      workDir,
      run,
    };
    let measured = false; // a function with child processes of its own reports its costs itself
    const told = telling(
      context,
      (metrics) => (measured ||= metrics.some(({ scope }) => scope === costScope(stage))),
    );
    try {
      return await inChildProcess<Output>(new URL('./compute-child.ts', import.meta.url).href, job, {
        signal,
        graceMs,
        compileCache: join(settings.stateDir, 'compile-cache'),
        onMessage: (message) => told(message as ComputeMessage),
        onUsage: (usage) => void (measured || context.metrics(costMetrics(stage, usage))),
      });
    } finally {
      // Opening removes the leftovers of a killed writer.
      if (signal.aborted) await openArtifacts(place).catch(() => undefined);
    }
  };
}

function telling(
  { heartbeat, metrics, logger }: StageContext,
  onMetrics: (measured: readonly Metric[]) => void,
): (message: ComputeMessage) => void {
  return (message) => {
    if (message.kind === 'heartbeat') heartbeat(message.progress);
    else if (message.kind === 'metrics') {
      onMetrics(message.measured);
      metrics(message.measured);
    } else logger[message.level](message.details, message.message);
  };
}
