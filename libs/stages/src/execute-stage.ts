import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef, StageOutcome, StageProgress, StageRequest } from '@overture/contracts';
import { AppError, toAppError, type Digest, type JsonValue, type RunId } from '@overture/core';
import { cacheKey, parseInput } from '@overture/dag';
import type { Metric, RecordedExecution, Registry, ReusableExecution, StageExecution } from '@overture/registry';
import { rm } from 'node:fs/promises';
import { artifactsIn } from './artifacts-in.ts';
import type { StageImplementation } from './implement.ts';
import type { StageContext, StageLogger, StageSettings } from './stage-context.ts';
import { makeWorkFolder } from './work-folder.ts';

/** What stages need of the registry. */
export type StageRegistry = Pick<Registry, 'findReusable' | 'recordStageExecution' | 'registerModel'>;

/** What stages work with; the application chooses the implementations. */
export interface StageServices {
  readonly artifacts: ArtifactStore;
  readonly registry: StageRegistry;
  readonly settings: StageSettings;
  readonly logger: StageLogger;
  /** Milliseconds, for durations. */
  readonly now: () => number;
}

/** One attempt at a stage, as whoever runs it sees it. */
export interface StageAttempt {
  readonly activityId: string;
  /** Counts from 1. */
  readonly number: number;
  readonly run: RunId;
  readonly signal: AbortSignal;
  heartbeat(progress: StageProgress): void;
}

/**
 * Runs one stage, or finds that it need not run: an earlier execution with the same cache key, whose artifacts are
 * still what they were, is used again. Either way the execution is recorded with its lineage.
 * @throws AppError `INPUT_INVALID`, `STAGE_OUTPUT_INVALID`, and what the implementation throws.
 */
export async function executeStage(stage: StageImplementation, request: StageRequest, { services, attempt }: { services: StageServices; attempt: StageAttempt }): Promise<StageOutcome> {
  const { registry, settings, now } = services;
  const { contract } = stage;
  const startedAt = now();
  const metrics: Metric[] = [];
  const cleanUps: (() => Promise<void>)[] = [];
  let key: Digest | null = null;
  let fingerprint: JsonValue | undefined;

  const record = (input: unknown, outcome: StageExecution['outcome']): Promise<RecordedExecution> =>
    registry.recordStageExecution({
      run: request.run, node: request.node, stage: contract.name, version: contract.version, cacheKey: key, fingerprint, input, metrics, outcome,
      durationMs: Math.round(now() - startedAt), activityId: attempt.activityId, attempt: attempt.number,
    });

  try {
    const input = parseInput(contract.input, request.input, `stage ${contract.name}`);
    fingerprint = await stage.fingerprint?.(input, { settings, signal: attempt.signal });
    const found = (key = cacheKey({ stage: contract.name, version: contract.version, input, fingerprint }));
    const earlier = await reusable(found, contract, services);
    const outputs = earlier?.outputs ?? (await run(stage, input, { services, attempt, key: found, metrics, cleanUps }));
    // Another attempt may have recorded its outputs while this one ran; everybody is to see the same.
    const recorded = await record(input, earlier ? { state: 'reused', outputs, from: earlier.id } : { state: 'ran', outputs });
    for (const cleanUp of cleanUps) await cleanUp();
    return { output: recorded.outputs, reused: earlier !== undefined, cacheKey: found, durationMs: Math.round(now() - startedAt), artifacts: artifactsIn(recorded.outputs) };
  } catch (thrown) {
    // For the record only: a registry that fails here must not hide what went wrong.
    if (!attempt.signal.aborted) await record(request.input, { state: 'failed', error: toAppError(thrown).toJSON() }).catch(() => undefined);
    throw thrown;
  }
}

interface RunningStage {
  readonly services: StageServices;
  readonly attempt: StageAttempt;
  readonly key: Digest;
  readonly metrics: Metric[];
  readonly cleanUps: (() => Promise<void>)[];
}

async function run(stage: StageImplementation, input: unknown, { services, attempt, key, metrics, cleanUps }: RunningStage): Promise<unknown> {
  const { artifacts, registry, settings, logger } = services;
  const { contract } = stage;
  const workDir = await makeWorkFolder(settings.stateDir, contract.name);
  const context: StageContext = {
    artifacts, registry, settings, logger, workDir, run: attempt.run, signal: attempt.signal, cacheKey: key,
    heartbeat: (progress) => attempt.heartbeat({ stage: contract.name, ...progress }),
    metrics: (measured) => void metrics.push(...measured),
    whenRecorded: (cleanUp) => void cleanUps.push(cleanUp),
  };
  try {
    // The contract parsed the input; which of the contracts it is does not matter here.
    return parseOutput(contract, await stage.run(input as never, context));
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function reusable(key: Digest, contract: StageImplementation['contract'], { registry, artifacts, logger }: StageServices): Promise<ReusableExecution | undefined> {
  const earlier = await registry.findReusable(key);
  const parsed = earlier && contract.output.safeParse(earlier.outputs);
  if (!parsed?.success) return undefined;
  const lost = await firstLost(artifactsIn(parsed.data), artifacts);
  if (lost === undefined) return { ...(earlier as ReusableExecution), outputs: parsed.data };
  logger.warn({ stage: contract.name, artifact: lost.digest, kind: lost.kind }, 'An earlier output is lost or altered and cannot be used again; the stage runs anew.');
  return undefined;
}

async function firstLost(refs: readonly ArtifactRef[], artifacts: ArtifactStore): Promise<ArtifactRef | undefined> {
  for (const ref of refs) {
    const intact = await artifacts.verify(ref).then(
      () => true,
      (error: unknown) => {
        if (error instanceof AppError && !error.retryable) return false;
        throw error;
      },
    );
    if (!intact) return ref;
  }
  return undefined;
}

function parseOutput(contract: StageImplementation['contract'], output: unknown): unknown {
  const parsed = contract.output.safeParse(output);
  if (parsed.success) return parsed.data;
  throw new AppError('STAGE_OUTPUT_INVALID', `Stage ${contract.name} gave an output that its contract does not allow: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}. This is a bug in its implementation.`);
}
