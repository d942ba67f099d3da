import type { ArtifactStore } from '@overture/artifacts';
import { AppError, boundedError, type RunId } from '@overture/core';
import {
  assertImplemented,
  runInProcess,
  type InProcessOptions,
  type Pipeline,
  type Prepared,
  type StageCode,
  type StageContract,
} from '@overture/dag';
import type { StageProgress } from '@overture/protocol';
import type { RunRegistry } from '@overture/registry';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { executeStage, type StageServices } from './execute-stage.ts';
import type { StageImplementation } from './implement.ts';
import { openLocalStorage, type LocalStorage } from './local-storage.ts';

/** Options of `runLocally`. */
export type LocalRunOptions<Settings> = Omit<InProcessOptions, 'stages'> &
  Partial<Pick<StageServices, 'logger' | 'environment' | 'cacheScope' | 'leaseMs'>> & {
    /** The implementations of the pipeline's stages. */
    readonly stages: readonly StageImplementation<StageContract, Settings, RunRegistry>[];
    /**
     * The folder with the records and artifacts of all runs. Several processes may use it at the same time.
     * Without it, everything is in memory, and results are reused only within the run.
     */
    readonly folder?: string;
    /** Called when a stage reports progress. `node` is the path of its node. */
    readonly onProgress?: (progress: StageProgress & { readonly node: string }) => void;
  } & (undefined extends Settings ? { readonly settings?: Settings } : { readonly settings: Settings });

/** The result of a local run. */
export interface LocalRun<Result> {
  readonly result: Result;
  /** The paths of the nodes that ran and of those that were reused, in the order in which they started. */
  readonly ran: readonly string[];
  readonly reused: readonly string[];
  /** The store with the artifacts in `result`. */
  readonly artifacts: ArtifactStore;
  /** The run's id in the registry of the folder. */
  readonly run: RunId;
}

const silent = { info: () => undefined, warn: () => undefined };

/**
 * Runs a pipeline in this process and reuses the outputs of earlier runs, without servers. Maps, nested
 * pipelines, gates and parked stages work as in `runInProcess`. If another process computes the same stage in
 * the same folder, waits for its output.
 * @throws AppError `INPUT_INVALID`, `PLAN_INVALID`, `STAGE_UNKNOWN`, `STAGE_TWICE` or `STAGE_VERSION` before
 * anything runs; later, the errors of `runInProcess`, `executeStage` and `openSqliteRegistry`
 */
export async function runLocally<Result, Settings>(
  pipeline: Pipeline<string, z.ZodType, Result>,
  input: unknown,
  options: LocalRunOptions<Settings>,
): Promise<LocalRun<Result>> {
  const prepared = pipeline.prepare(input);
  assertFits(prepared, options.stages);
  options.signal?.throwIfAborted();
  await using storage = await openLocalStorage(options.folder);
  const { registry, artifacts } = storage;
  const workflowId = `${pipeline.name}-${randomUUID()}`;
  const run = `${workflowId}/local` as RunId;
  await registry.startRun({ run, workflowId, pipeline: pipeline.name, input });
  const reusedAt = new Map<string, boolean | undefined>();
  const stages = stageCodes(run, options, storage, reusedAt);
  try {
    const result = await runInProcess(prepared, { ...options, stages });
    await registry.finishRun({ run, outcome: 'completed', result });
    const paths = (wanted: boolean): string[] =>
      [...reusedAt].flatMap(([path, reused]) => (reused === wanted ? [path] : []));
    return { result, ran: paths(false), reused: paths(true), artifacts, run };
  } catch (thrown) {
    const outcome = options.signal?.aborted ? 'cancelled' : 'failed';
    // Best effort: a failing registry must not hide the actual error.
    await registry.finishRun({ run, outcome, error: boundedError(thrown).message }).catch(() => undefined);
    throw thrown;
  }
}

/** Checks that the implementations are those of the plan's stages. */
function assertFits(
  prepared: Prepared<unknown>,
  stages: readonly StageImplementation<StageContract, never, never>[],
): void {
  const names = stages.map(({ contract }) => contract.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new AppError(
      'STAGE_TWICE',
      `Stage ${twice} must have one implementation. Got two: leave one out of \`stages\`.`,
    );
  assertImplemented(prepared, names);
  for (const { contract } of stages) {
    const planned = prepared.contracts.get(contract.name)?.version ?? contract.version;
    if (planned !== contract.version)
      throw new AppError(
        'STAGE_VERSION',
        `The pipeline uses version ${planned} of stage ${contract.name}, and its implementation in \`stages\` has version ${contract.version}. Use the same contract for both.`,
      );
  }
}

/**
 * Adapts the implementations to `runInProcess`. Notes in `reusedAt` each node that starts, and whether its
 * output was reused.
 */
function stageCodes<Settings>(
  run: RunId,
  {
    stages,
    settings,
    onProgress,
    logger = silent,
    environment,
    cacheScope,
    leaseMs,
  }: LocalRunOptions<Settings>,
  { registry, artifacts, stateDir }: LocalStorage,
  reusedAt: Map<string, boolean | undefined>,
): Record<string, StageCode> {
  const services: StageServices<Settings, RunRegistry> = {
    registry,
    artifacts,
    stateDir,
    settings: settings as Settings,
    logger,
    environment,
    cacheScope,
    leaseMs,
    now: () => performance.now(),
  };
  const attempts = new Map<string, number>();
  const codeOf =
    (stage: StageImplementation<StageContract, Settings, RunRegistry>): StageCode =>
    async (input, { path, signal, reuse }) => {
      // Automatic retries are attempts, too.
      const number = (attempts.get(path) ?? 0) + 1;
      attempts.set(path, number);
      reusedAt.set(path, undefined);
      const attempt = {
        run,
        activityId: path,
        number,
        signal,
        heartbeat: (progress: StageProgress) => onProgress?.({ ...progress, node: path }),
      };
      const { output, reused } = await executeStage(
        stage,
        { run, node: path, input, reuse },
        { services, attempt },
      );
      reusedAt.set(path, reused);
      return output;
    };
  return Object.fromEntries(stages.map((stage) => [stage.contract.name, codeOf(stage)]));
}
