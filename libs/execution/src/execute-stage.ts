import type { ArtifactStore } from '@overture/artifacts';
import type { StageOutcome, StageProgress, StageRequest } from '@overture/protocol';
import { AppError, boundedError, type Digest, type JsonValue, type RunId } from '@overture/core';
import {
  cacheKey,
  declaredEnvironment,
  explainKey,
  keyChangeText,
  parseInput,
  parseOutput,
  type CacheKeyParts,
  type StageContract,
} from '@overture/dag';
import type { EarlierExecution, Metric, RecordedExecution, StageExecution } from '@overture/registry';
import { artifactsIn } from './artifacts-in.ts';
import { checkedOutput, lostText, outputOfRun } from './earlier-output.ts';
import type { StageImplementation } from './implement.ts';
import { keyPartsOf } from './key-parts-of.ts';
import { retryingRegistry } from './retrying-registry.ts';
import type { StageContext, StageLogger } from './stage-context.ts';
import {
  controlsInKey,
  controlsText,
  appliedIn,
  noControls,
  watchControls,
  type StageControls,
} from './stage-controls.ts';
import { defaultLeaseMs, keepLease, obtain, superseded, type RenewedLease } from './stage-lease.ts';
import { workFolder } from './work-folder.ts';
import type { StageRegistry } from './stage-registry.ts';

/**
 * From this many concurrent stages of a run, records wait up to `batchWindowMs` milliseconds to be committed
 * together, because a commit costs more than the write itself. The commit starts early once all stages on
 * this worker are waiting for it.
 */
const batchThreshold = 32;
const batchWindowMs = 40;

const defaultRetryMs = 10 * 60_000;
const defaultControlPollMs = 2_000;

/**
 * The services that stages use. The application chooses the implementations. `AppRegistry` is what its stages
 * use of the registry themselves.
 */
export interface StageServices<Settings = unknown, AppRegistry = unknown> {
  readonly artifacts: ArtifactStore;
  readonly registry: StageRegistry & AppRegistry;
  readonly settings: Settings;
  /** Folder for local state of attempts, such as their work folders. */
  readonly stateDir: string;
  readonly logger: StageLogger;
  /** A clock in milliseconds, for durations. */
  readonly now: () => number;
  /** Facts about this machine and its software, for contracts that declare a dependency on them. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The part of every cache key that names the application, if several share a registry. */
  readonly cacheScope?: string;
  /**
   * How long a stage waits for an unavailable registry, in milliseconds, so that its result is not lost.
   * Default: ten minutes.
   */
  readonly registryRetryMs?: number;
  /** How long a lease is valid without renewal, in milliseconds. Default: 30 seconds. */
  readonly leaseMs?: number;
  /** How often a stage polls for control requests, in milliseconds. Default: 2 seconds. */
  readonly controlPollMs?: number;
}

/** One attempt at a stage, as its caller provides it. */
export interface StageAttempt {
  readonly activityId: string;
  /** The attempt number, from 1. */
  readonly number: number;
  readonly run: RunId;
  readonly signal: AbortSignal;
  heartbeat(progress: StageProgress): void;
  /** The number of stages that execute on this worker, including this one. Default: unknown. */
  executing?(): number;
}

/**
 * Runs one stage, or reuses the output of an earlier execution with the same cache key and intact artifacts.
 * If another run is computing that output, waits for it. In both cases the execution is recorded with its
 * lineage.
 * @throws AppError `INPUT_INVALID`, `STAGE_VERSION`, `STAGE_OUTPUT_INVALID`, `STAGE_OUTPUT_TOO_LARGE`,
 * `STAGE_ENVIRONMENT`, `STAGE_SUPERSEDED`, `REUSE_FROM`, and the errors of the implementation.
 */
export async function executeStage<Settings, AppRegistry>(
  stage: StageImplementation<StageContract, Settings, AppRegistry>,
  request: StageRequest,
  { services, attempt }: { services: StageServices<Settings, NoInfer<AppRegistry>>; attempt: StageAttempt },
): Promise<StageOutcome> {
  const { settings, artifacts, now } = services;
  const { contract } = stage;
  const registry = retryingRegistry(services.registry, {
    forMs: services.registryRetryMs ?? defaultRetryMs,
    everyMs: 1_000,
    now,
    signal: attempt.signal,
  });
  const startedAt = now();
  const metrics: Metric[] = [];
  const cleanUps: (() => Promise<void>)[] = [];
  let known: Pick<StageExecution, 'cacheKey' | 'fingerprint' | 'environment' | 'controls' | 'lease'> = {
    cacheKey: null,
  };

  const record = (
    input: unknown,
    outcome: StageExecution['outcome'],
    to: Pick<StageRegistry, 'recordStageExecution'> = registry,
  ): Promise<RecordedExecution> =>
    to.recordStageExecution(
      {
        run: request.run,
        node: request.node,
        stage: contract.name,
        version: contract.version,
        ...known,
        input,
        metrics,
        outcome,
        durationMs: Math.round(now() - startedAt),
        activityId: attempt.activityId,
        attempt: attempt.number,
      },
      (request.together ?? 1) < batchThreshold
        ? undefined
        : { withinMs: batchWindowMs, expected: attempt.executing?.() },
    );
  const outcome = (outputs: unknown, rest: Pick<StageOutcome, 'reused' | 'reasons'>): StageOutcome => ({
    output: outputs,
    ...rest,
    cacheKey: known.cacheKey as Digest,
    durationMs: Math.round(now() - startedAt),
    artifacts: artifactsIn(outputs),
  });

  try {
    if (request.execution !== undefined) await registry.noteExecution(request.run, request.execution);
    assertPlannedFor(contract, request.version);
    const input = parseInput(contract.input, request.input, `stage ${contract.name}`);
    if (request.reuse?.kind === 'from') {
      const taken = await outputOfRun(contract, { run: request.reuse.run, node: request.node }, services);
      known = {
        cacheKey: taken.cacheKey,
        fingerprint: taken.fingerprint ?? undefined,
        controls: taken.controls ?? undefined,
      };
      const recorded = await record(input, { state: 'reused', outputs: taken.outputs, from: taken.id });
      return outcome(recorded.outputs, { reused: true });
    }

    const fingerprint = await stage.fingerprint?.(input, { settings, signal: attempt.signal });
    const environment = declaredEnvironment(contract, services.environment ?? {});
    const parts: CacheKeyParts = {
      scope: services.cacheScope,
      stage: contract.name,
      version: contract.version,
      input,
      environment,
      fingerprint,
    };
    const key = cacheKey(parts);
    known = { cacheKey: key, fingerprint, environment };

    const reasons: string[] = [];
    const wanted = contract.reusable !== false && request.reuse?.kind !== 'never';
    const check = async (outputs: unknown): Promise<{ readonly outputs: unknown } | undefined> => {
      const earlier = await checkedOutput(contract, outputs, artifacts);
      if ('outputs' in earlier) return earlier;
      if ('lost' in earlier) {
        const { kind, digest } = earlier.lost;
        services.logger.warn(
          { stage: contract.name, artifact: digest, kind },
          'An earlier output is lost or altered and cannot be used again; the stage runs anew.',
        );
        reasons.push(lostText(earlier.lost));
      }
      return undefined;
    };
    const withControls = (controls: JsonValue): void =>
      void (known = { ...known, cacheKey: cacheKey({ ...parts, controls }), controls });

    // Control requests applied to an earlier attempt change the cache key, so outputs computed without them
    // cannot be reused.
    const before = contract.control
      ? controlsInKey(appliedIn(await registry.controlsOf(request.run, request.node), key))
      : undefined;
    if (before !== undefined) {
      withControls(before);
      const own = wanted ? await registry.findReusable(known.cacheKey as Digest) : undefined;
      const usable = own && (await check(own.outputs));
      if (own !== undefined && usable !== undefined)
        return outcome(
          (await record(input, { state: 'reused', outputs: usable.outputs, from: own.id })).outputs,
          { reused: true },
        );
    }
    const obtained = await obtain(
      registry,
      {
        run: request.run,
        node: request.node,
        stage: contract.name,
        cacheKey: key,
        activityId: attempt.activityId,
        attempt: attempt.number,
        reuse: wanted && before === undefined,
        leaseMs: services.leaseMs ?? defaultLeaseMs,
      },
      {
        signal: attempt.signal,
        onWait: ({ run: other }) =>
          attempt.heartbeat({
            stage: contract.name,
            message: `waiting for ${other}, which computes the same`,
          }),
        check,
      },
    );
    if (obtained.kind === 'reusable') {
      const recorded = await record(input, { state: 'reused', outputs: obtained.outputs, from: obtained.id });
      return outcome(recorded.outputs, { reused: true });
    }
    if (request.reuse?.kind === 'never') reasons.push('asked to run anew');
    else if (contract.reusable === false) reasons.push(neverReused);
    else if (reasons.length === 0)
      reasons.push(...changesSince(obtained.before, { ...parts, controls: before }));

    await using lease = keepLease(registry, obtained.lease, contract.name);
    known = { ...known, lease: { cacheKey: key, token: lease.token } };
    using watched = contract.control
      ? await watchControls(registry, {
          run: request.run,
          node: request.node,
          key,
          everyMs: services.controlPollMs ?? defaultControlPollMs,
          apply: (id, where) => registry.applyControl(id, where, lease),
          superseded: () => superseded(contract.name),
        })
      : undefined;
    const outputs = await run(stage, input, {
      services,
      attempt,
      key,
      metrics,
      cleanUps,
      lease,
      controls: watched ?? noControls,
    });
    const controls = controlsInKey(watched?.allApplied ?? []);
    if (controls !== undefined) withControls(controls);
    if (watched !== undefined && watched.allApplied.length > 0)
      reasons.push(controlsText(watched.allApplied));
    // Another attempt may have recorded its outputs meanwhile. The recorded ones count for everybody.
    const recorded = await record(input, { state: 'ran', outputs });
    lease.recorded();
    for (const cleanUp of cleanUps) await cleanUp();
    return outcome(recorded.outputs, { reused: false, ...(reasons.length > 0 && { reasons }) });
  } catch (thrown) {
    // Best effort: a failing registry must neither hide nor delay the actual error.
    if (!attempt.signal.aborted)
      await record(
        request.input,
        { state: 'failed', error: boundedError(thrown).toJSON() },
        services.registry,
      ).catch(() => undefined);
    throw thrown;
  }
}

/**
 * A worker of another release would produce other outputs than planned. Retryable, because another worker may
 * have the right version.
 */
function assertPlannedFor({ name, version }: StageContract, planned: number | undefined): void {
  if (planned === undefined || planned === version) return;
  const advice =
    planned > version
      ? 'This worker is older than the workflow: start the workers of the new release.'
      : 'This worker is newer than the plan: start the run again, or let a worker of the old release finish it.';
  throw new AppError(
    'STAGE_VERSION',
    `Stage ${name} was planned for version ${planned}; this worker has version ${version}. ${advice}`,
    { details: { stage: name, planned, version }, retryable: true },
  );
}

/** The reason, for display, why a stage with `reusable: false` runs. */
export const neverReused = 'it looks or acts outside, so it runs each time';

const reasonsShown = 4;

function changesSince(before: EarlierExecution | undefined, now: CacheKeyParts): string[] {
  if (before === undefined) return [];
  const changes = explainKey(now, keyPartsOf(before, now.stage)).map(keyChangeText);
  return changes.length <= reasonsShown
    ? changes
    : [...changes.slice(0, reasonsShown - 1), `and ${changes.length - reasonsShown + 1} more`];
}

interface RunningStage<Settings, AppRegistry> {
  readonly services: StageServices<Settings, AppRegistry>;
  readonly attempt: StageAttempt;
  readonly key: Digest;
  readonly metrics: Metric[];
  readonly cleanUps: (() => Promise<void>)[];
  readonly lease: RenewedLease;
  readonly controls: StageControls;
}

async function run<Settings, AppRegistry>(
  stage: StageImplementation<StageContract, Settings, AppRegistry>,
  input: unknown,
  { services, attempt, key, metrics, cleanUps, lease, controls }: RunningStage<Settings, AppRegistry>,
): Promise<unknown> {
  const { artifacts, registry, settings, stateDir, logger } = services;
  const { contract } = stage;
  await using folder = workFolder(stateDir, contract.name);
  const context: StageContext<Settings, AppRegistry> = {
    artifacts,
    registry,
    settings,
    logger,
    run: attempt.run,
    signal: AbortSignal.any([attempt.signal, lease.lost]),
    cacheKey: key,
    controls,
    get workDir() {
      return folder.path;
    },
    heartbeat: (progress) => attempt.heartbeat({ stage: contract.name, ...progress }),
    metrics: (measured) => void metrics.push(...measured),
    whenRecorded: (cleanUp) => void cleanUps.push(cleanUp),
  };
  try {
    // The contract parsed the input; its specific type does not matter here.
    return boundedOutput(contract, await stage.run(input as never, context));
  } finally {
    // A lost lease takes precedence over any other error of the attempt.
    lease.assertHeld();
  }
}

/**
 * Maximum output size in bytes. Temporal's limit is 2 MB, and the output becomes part of other stages'
 * inputs.
 */
const maximumOutputBytes = 1_000_000;

function boundedOutput(contract: StageContract, output: unknown): unknown {
  const parsed = parseOutput(contract.output, output, contract.name);
  const bytes = Buffer.byteLength(JSON.stringify(parsed) ?? '');
  if (bytes > maximumOutputBytes)
    throw new AppError(
      'STAGE_OUTPUT_TOO_LARGE',
      `The output of stage ${contract.name} has ${bytes.toLocaleString('en-US')} bytes as JSON; at most ${maximumOutputBytes.toLocaleString('en-US')} can be passed on. Store the data as an artifact and return its reference.`,
      { details: { bytes } },
    );
  return parsed;
}
