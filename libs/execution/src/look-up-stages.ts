import type { KnownTask, LookUpAnswer, LookUpRequest } from '@overture/protocol';
import { AppError, canonicalJson, type Digest } from '@overture/core';
import {
  cacheKey,
  declaredEnvironment,
  parseInput,
  Schedule,
  type StageContract,
  type Task,
} from '@overture/dag';
import type { RunRegistry, ReusableExecution, StageExecution } from '@overture/registry';
import pMap from 'p-map';
import { artifactsIn } from './artifacts-in.ts';
import { checkedOutput } from './earlier-output.ts';
import type { StageServices } from './execute-stage.ts';
import type { StageImplementation } from './implement.ts';

type CallTask = Extract<Task, { kind: 'call' }>;

/** The services that a look-up uses. */
export type LookUpServices<Settings> = Pick<
  StageServices<Settings>,
  'artifacts' | 'settings' | 'now' | 'environment' | 'cacheScope'
> & {
  readonly registry: Pick<RunRegistry, 'findReusable' | 'recordStageExecution'>;
};

/** Temporal rejects payloads over 2 MB. */
const defaultMaxBytes = 500_000;
/**
 * The workflow processes no Updates during a look-up. Anything slower, such as the fingerprint of a large
 * corpus, is left to the stage's own activity.
 */
const defaultForMs = 1_000;
// Limited because each check may hash files.
const checkedAtOnce = 32;

/** Options of `lookUpStages`. */
export interface LookUpOptions<Settings> {
  readonly services: LookUpServices<Settings>;
  readonly signal: AbortSignal;
  readonly activityId: string;
  /**
   * Maximum size of the answer in bytes, and maximum duration in milliseconds. The caller requests the rest
   * again.
   */
  readonly maxBytes?: number;
  readonly forMs?: number;
}

/**
 * Finds the stages of a run that can be reused: first the requested ones, then those whose inputs are
 * complete as a result, and so on. A stage is left to its own activity if this worker has no implementation
 * of it, because its key may depend on another worker's environment. The same applies if it must run every
 * time, accepts control requests, or fails here: its activity reports the error.
 * @throws AppError of the registry
 */
export async function lookUpStages<Settings>(
  { run, plan, onStageFailure, events, asked }: LookUpRequest,
  stages: readonly StageImplementation<StageContract, Settings, never>[],
  { services, signal, activityId, maxBytes = defaultMaxBytes, forMs = defaultForMs }: LookUpOptions<Settings>,
): Promise<LookUpAnswer> {
  const byName = new Map(stages.map((stage) => [stage.contract.name, stage]));
  // A schedule can determine the ready tasks from the plan alone.
  const schedule = new Schedule({ plan, contracts: new Map(), pipelines: new Map() }, { onStageFailure });
  const wanted = new Set(asked);
  const found: { readonly known: KnownTask; readonly execution: StageExecution }[] = [];
  const begunAt = services.now();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(forMs)]);
  let bytes = 0;
  let more = false;
  for (let ready = schedule.resume(events).filter(({ id }) => wanted.has(id)); ready.length > 0 && !more;) {
    signal.throwIfAborted();
    const startedAt = services.now();
    const candidates = ready
      .filter((task) => task.kind === 'call')
      .flatMap((task) => candidateOf(task, byName));
    const keyed = (
      await pMap(candidates, (candidate) => keyedOf(candidate, services, limit), {
        concurrency: checkedAtOnce,
      })
    ).filter((each) => each !== undefined);
    // Concurrent, so that the registry batches them into few round trips.
    const earlier = await Promise.all(
      keyed.map(async (each) => ({
        ...each,
        execution: await until(limit, services.registry.findReusable(each.key)),
      })),
    );
    const checked = await pMap(earlier, (each) => until(limit, checkedOf(each, services)), {
      concurrency: checkedAtOnce,
    });
    signal.throwIfAborted();
    ready = [];
    for (const reusable of checked) {
      if (reusable === undefined) continue;
      const {
        candidate: {
          task,
          stage: { contract },
        },
        key,
        outputs,
        from,
        fingerprint,
        environment,
        input,
      } = reusable;
      const durationMs = Math.round(services.now() - startedAt);
      const known: KnownTask = {
        id: task.id,
        outcome: {
          output: outputs,
          reused: true,
          cacheKey: key,
          durationMs,
          artifacts: artifactsIn(outputs),
        },
      };
      const size = Buffer.byteLength(JSON.stringify(known));
      more = found.length > 0 && bytes + size > maxBytes;
      if (more) break;
      bytes += size;
      found.push({
        known,
        execution: {
          run,
          node: task.id,
          stage: contract.name,
          version: contract.version,
          cacheKey: key,
          fingerprint,
          environment,
          input,
          durationMs,
          activityId,
          attempt: 1,
          outcome: { state: 'reused', outputs, from },
        },
      });
      ready.push(...schedule.done(task.id, outputs));
    }
    // Check the clock too: timers are late in a busy process.
    if (limit.aborted || services.now() - begunAt >= forMs) {
      more = ready.length > 0;
      break;
    }
  }
  const recorded = await Promise.all(
    found.map(({ execution }) => services.registry.recordStageExecution(execution)),
  );
  const known: KnownTask[] = [];
  for (const [
    i,
    {
      known: { id, outcome },
    },
  ] of found.entries()) {
    const { outputs } = recorded[i]!;
    known.push({ id, outcome: { ...outcome, output: outputs } });
    // An interrupted look-up of this run recorded another output. That one counts, so later stages must be
    // looked up again.
    if (!recorded[i]!.recorded && canonicalJson(outputs) !== canonicalJson(outcome.output))
      return { known, more: true };
  }
  return { known, more };
}

interface Candidate<Settings> {
  readonly task: CallTask;
  readonly stage: StageImplementation<StageContract, Settings, never>;
}

function candidateOf<Settings>(
  task: CallTask,
  stages: ReadonlyMap<string, StageImplementation<StageContract, Settings, never>>,
): Candidate<Settings>[] {
  const { call, node, attempt } = task;
  // Explicit reuse rules and overridden inputs are handled by the stage's own activity.
  if (call.kind !== 'stage' || node.reuse !== undefined || attempt > 1) return [];
  const stage = stages.get(call.stage);
  if (stage === undefined) return [];
  const { version, reusable, control } = stage.contract;
  return version === call.version && reusable !== false && control === undefined ? [{ task, stage }] : [];
}

interface Keyed<Settings> extends Pick<StageExecution, 'fingerprint' | 'environment' | 'input'> {
  readonly candidate: Candidate<Settings>;
  readonly key: Digest;
}

async function keyedOf<Settings>(
  candidate: Candidate<Settings>,
  services: LookUpServices<Settings>,
  signal: AbortSignal,
): Promise<Keyed<Settings> | undefined> {
  const { task, stage } = candidate;
  const { contract } = stage;
  try {
    const input = parseInput(contract.input, task.input, `stage ${contract.name}`);
    const fingerprint =
      stage.fingerprint &&
      (await until(signal, stage.fingerprint(input, { settings: services.settings, signal })));
    if (signal.aborted) return undefined;
    const environment = declaredEnvironment(contract, services.environment ?? {});
    return {
      candidate,
      input,
      fingerprint,
      environment,
      key: cacheKey({
        scope: services.cacheScope,
        stage: contract.name,
        version: contract.version,
        input,
        environment,
        fingerprint,
      }),
    };
  } catch {
    return undefined;
  }
}

/** The resolved value, or undefined once the time limit has passed. */
function until<T>(limit: AbortSignal, promised: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const over = (): void => resolve(undefined);
    if (limit.aborted) over();
    limit.addEventListener('abort', over, { once: true });
    promised.then(resolve, reject).finally(() => limit.removeEventListener('abort', over));
  });
}

interface Found<Settings> extends Keyed<Settings> {
  readonly from: string;
  readonly outputs: unknown;
}

async function checkedOf<Settings>(
  { execution, ...keyed }: Keyed<Settings> & { readonly execution: ReusableExecution | undefined },
  { artifacts }: LookUpServices<Settings>,
): Promise<Found<Settings> | undefined> {
  if (execution === undefined) return undefined;
  try {
    const checked = await checkedOutput(keyed.candidate.stage.contract, execution.outputs, artifacts);
    return 'outputs' in checked ? { ...keyed, from: execution.id, outputs: checked.outputs } : undefined;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
