import { AppError, toAppError } from '@overture/core';
import type { z } from 'zod';
import type { GateDecision } from './gate-decision.ts';
import type { JsonObject } from './merge-patch.ts';
import { parseInput, parseOutput } from './parse-input.ts';
import type { Prepared } from './pipeline.ts';
import type { NodeReuse, StageCall } from './plan.ts';
import { Schedule } from './schedule.ts';
import type { StageContract } from './stage-contract.ts';
import type { Task, TaskState } from './task-state.ts';

/** A call of a stage, besides its input. */
export interface CallInfo {
  readonly id: string;
  /** The ids of the pipelines around the call and its own, joined by slashes: `arm[0]/tokenize`. */
  readonly path: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** The reuse rule of the node, for implementations that can reuse earlier outputs. */
  readonly reuse?: NodeReuse;
}

/** The implementation of a stage. The contract parses its input before the call and its output after it. */
export type StageCode = (input: never, about: CallInfo) => Promise<unknown>;

/**
 * Types the implementation of a stage by its contract and returns it as an entry of `stages`:
 * `Object.fromEntries([codeOf(fetch, async ({ uri }) => …)])`.
 */
export function codeOf<Contract extends StageContract>(
  contract: Contract,
  code: (input: z.output<Contract['input']>, about: CallInfo) => Promise<z.input<Contract['output']>>,
): [name: string, code: StageCode] {
  return [contract.name, code];
}

/** A user's decision about a parked task. An item of a map can only be skipped with the whole list. */
export type ParkDecision =
  | { readonly kind: 'retry'; readonly overrides?: JsonObject }
  | { readonly kind: 'skip' }
  | { readonly kind: 'abort'; readonly reason?: string };

/** Options of `runInProcess`. */
export interface InProcessOptions {
  /** The implementation of each stage of the plan, by name. */
  readonly stages: Readonly<Record<string, StageCode>>;
  /** Called for a stage that has failed after all retries. Without it, such a failure ends the run. */
  readonly park?: (task: TaskState) => Promise<ParkDecision>;
  /** Called when a gate waits for a user. Without it, the gate is not approved. */
  readonly ask?: (
    gate: Extract<Task, { kind: 'ask' }>,
  ) => Promise<Pick<GateDecision, 'approved' | 'by' | 'reason'>>;
  readonly signal?: AbortSignal;
  /** Called after every change of a task's state. */
  readonly onChange?: (tasks: readonly TaskState[]) => void;
}

/**
 * Runs a plan in this process, for tests, scripts and your own programs. It uses the same schedule as on
 * Temporal, but nothing is stored. Retryable errors are retried at once, up to the contract's
 * `maximumAttempts`.
 * @throws AppError `STAGE_UNKNOWN` before anything runs, if a stage has no implementation.
 * @throws AppError with the failed stage's own code; its message starts with the task id.
 * @throws AppError `RUN_ABORTED` if a decision aborts the run.
 * @throws the signal's reason, if the signal is aborted.
 */
export function runInProcess<Result>(prepared: Prepared<Result>, options: InProcessOptions): Promise<Result> {
  return runWithin('', prepared, options);
}

/**
 * Checks that every stage of a plan has an implementation. Those of nested pipelines are checked when they
 * start, because their plans depend on their inputs.
 * @throws AppError `STAGE_UNKNOWN`
 */
export function assertImplemented(
  { contracts }: Pick<Prepared<unknown>, 'contracts'>,
  stages: readonly string[],
): void {
  const missing = [...contracts.keys()].filter((name) => !stages.includes(name));
  if (missing.length > 0)
    throw new AppError(
      'STAGE_UNKNOWN',
      `${missing.join(', ')} ${missing.length === 1 ? 'has' : 'have'} no code here, so nothing was run. Add an entry to \`stages\`, which has ${stages.join(', ') || 'none'}.`,
    );
}

/** Runs a plan. `within` is the path of the pipelines around it, with a slash at its end. */
async function runWithin<Result>(
  within: string,
  prepared: Prepared<Result>,
  options: InProcessOptions,
): Promise<Result> {
  const { park, ask, onChange, signal: outer } = options;
  assertImplemented(prepared, Object.keys(options.stages));
  const schedule = new Schedule(prepared, { onStageFailure: park === undefined ? 'fail' : 'park' });
  const stopping = new AbortController();
  const stop = (why: unknown): void => {
    schedule.stop();
    stopping.abort(why);
  };
  const cancel = (): void => stop(outer?.reason);
  outer?.addEventListener('abort', cancel, { once: true });
  const about = { ...options, within, signal: stopping.signal };

  const launch = async (tasks: readonly Task[]): Promise<void> => {
    onChange?.(schedule.tasks);
    await Promise.all(tasks.map((task) => (task.kind === 'ask' ? question(task) : work(task))));
  };
  const work = async (task: Extract<Task, { kind: 'call' }>): Promise<void> => {
    let next: readonly Task[];
    try {
      next = schedule.done(task.id, await runCall(task, prepared, about));
    } catch (thrown) {
      if (stopping.signal.aborted) return schedule.canceled(task.id);
      const { code, message } = toAppError(thrown);
      next = schedule.fail(task.id, { code, message, thrown });
      if (schedule.statusOf(task.id) === 'parked') return await parked(task.id);
    }
    await launch(next);
  };
  const parked = async (id: string): Promise<void> => {
    onChange?.(schedule.tasks);
    const task = schedule.tasks.find((each) => each.id === id);
    const decision = task && (await park?.(task));
    // The run may have ended meanwhile, or the map may have been skipped with all its items.
    if (task === undefined || decision === undefined || schedule.over || schedule.statusOf(id) !== 'parked')
      return;
    if (decision.kind === 'abort')
      return stop(
        new AppError(
          'RUN_ABORTED',
          `The run was aborted${decision.reason === undefined ? '.' : `: ${decision.reason}`}`,
        ),
      );
    await launch(
      decision.kind === 'retry' ? schedule.retry(id, decision.overrides) : schedule.skip(task.node.id),
    );
  };
  const question = async (task: Extract<Task, { kind: 'ask' }>): Promise<void> => {
    const answer = (await ask?.(task)) ?? {
      approved: false,
      by: null,
      reason: 'Nobody was there to be asked.',
    };
    if (!schedule.over) await launch(schedule.decide(task.id, answer));
  };

  try {
    outer?.throwIfAborted();
    await launch(schedule.start());
    stopping.signal.throwIfAborted();
    const { failed } = schedule;
    if (failed !== undefined)
      throw new AppError(failed.failure.code, `${failed.id}: ${failed.failure.message}`, {
        cause: failed.failure.thrown,
      });
    // Safe: the pipeline that built the plan determines the type, and each output was parsed by its stage's
    // schema.
    return schedule.result() as Result;
  } finally {
    outer?.removeEventListener('abort', cancel);
    schedule.close();
    onChange?.(schedule.tasks);
  }
}

interface PlanOptions extends InProcessOptions {
  readonly within: string;
  readonly signal: AbortSignal;
}

async function runCall(
  task: Extract<Task, { kind: 'call' }>,
  prepared: Prepared<unknown>,
  { within, ...options }: PlanOptions,
): Promise<unknown> {
  const { id, call, input } = task;
  if (call.kind === 'stage') return runStage({ ...task, call }, prepared, { ...options, within });
  const inner = prepared.pipelines.get(call.pipeline);
  if (inner === undefined)
    throw new AppError(
      'PIPELINE_UNKNOWN',
      `${id} runs the pipeline ${call.pipeline}, which is not known here.`,
    );
  return runWithin(`${within}${id}/`, inner.prepare(input), { ...options, onChange: undefined });
}

async function runStage(
  { id, node, call, input, attempt }: Extract<Task, { kind: 'call' }> & { readonly call: StageCall },
  { contracts }: Prepared<unknown>,
  { stages, within, signal }: PlanOptions,
): Promise<unknown> {
  const contract = contracts.get(call.stage);
  const code = stages[call.stage];
  if (contract === undefined || code === undefined)
    throw new AppError('STAGE_UNKNOWN', `Stage ${call.stage} is not in this program.`);
  const parsed = parseInput(contract.input, input, `stage ${call.stage}`);
  for (let tries = 1; ; tries++) {
    try {
      signal.throwIfAborted();
      return parseOutput(
        contract.output,
        await code(parsed as never, { id, path: `${within}${id}`, attempt, signal, reuse: node.reuse }),
        call.stage,
      );
    } catch (thrown) {
      if (
        signal.aborted ||
        !(thrown instanceof AppError && thrown.retryable) ||
        tries >= call.retry.maximumAttempts
      )
        throw thrown;
    }
  }
}
