import { overture, type TrainingAction } from '@overture/contracts';
import type { RunState, RunUpdateAnswer, RunUpdateName } from '@overture/protocol';
import { AppError } from '@overture/core';
import type { CliContext } from '../context.ts';
import { withRunHandle, type RunHandle } from '../run-handle.ts';
import { applySetting } from '../settings.ts';

/** Options of `overture runs retry`. */
export interface RetryOptions {
  /** `key.path=value` assignments; they override `overrides`. */
  readonly set: readonly string[];
  /** A JSON object. */
  readonly overrides?: string;
}

/** `overture runs retry RUN [STAGE]`. */
export async function retryStage(
  context: CliContext,
  run: string,
  stage: string | undefined,
  options: RetryOptions,
): Promise<void> {
  const overrides = readOverrides(options);
  await decide(context, run, 'retryStage', (state) => ({
    stage: stage ?? onlyParked(state),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  }));
}

/** `overture runs skip RUN [STAGE]`. */
export async function skipStage(context: CliContext, run: string, stage: string | undefined): Promise<void> {
  await decide(context, run, 'skipStage', (state) => ({ stage: stage ?? onlyParked(state) }));
}

/** `overture runs approve RUN [GATE]` and `overture runs reject RUN [GATE]`. */
export async function answerGate(
  context: CliContext,
  run: string,
  gate: string | undefined,
  { approve, by, reason }: { readonly approve: boolean; readonly by?: string; readonly reason?: string },
): Promise<void> {
  // Omit absent members: JSON has no undefined.
  await decide(context, run, 'decideGate', (state) => ({
    gate: gate ?? onlyAsking(state),
    approve,
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
  }));
}

/** Options of `overture runs control`. */
export interface ControlOptions {
  readonly stopAfterEpoch?: boolean;
  readonly evaluateNow?: boolean;
  /** The factor for the learning rate, over 0 and under 1. */
  readonly learningRate?: number;
  readonly by?: string;
}

/** `overture runs control RUN [STAGE]`. */
export async function controlTraining(
  context: CliContext,
  run: string,
  stage: string | undefined,
  { by, ...options }: ControlOptions,
): Promise<void> {
  const action = actionIn(options);
  await decide(context, run, overture.controlUpdate, (state) => ({
    stage: stage ?? onlyAtWork(state),
    action,
    ...(by !== undefined && { by }),
  }));
}

/** `overture runs abort RUN`. */
export async function abortRun(
  context: CliContext,
  run: string,
  { reason }: { readonly reason?: string },
): Promise<void> {
  await decide(context, run, 'abort', () => ({ reason }));
}

/**
 * Sends a decision and prints its outcome. With `--json`, prints one object: workflowId, update, stage (or
 * gate), message.
 */
async function decide(
  context: CliContext,
  run: string,
  update: RunUpdateName | typeof overture.controlUpdate,
  request: (state: RunState) => { readonly stage?: string; readonly gate?: string; readonly reason?: string },
): Promise<void> {
  const { terminal } = context;
  const sent = await withRunHandle(context, run, async (handle: RunHandle) => {
    const asked = request(await handle.state());
    const { message } = (await handle.update(update, asked)) as RunUpdateAnswer;
    return {
      workflowId: handle.workflowId,
      update,
      ...(asked.gate === undefined ? { stage: asked.stage ?? null } : { gate: asked.gate }),
      message,
    };
  });
  if (terminal.json) terminal.printJson(sent);
  else terminal.print(sent.message);
}

function onlyParked({ run, stages }: RunState): string {
  const parked = stages.filter(({ status }) => status === 'parked').map(({ id }) => id);
  if (parked.length === 1) return parked[0] as string;
  if (parked.length === 0)
    throw new AppError(
      'DECISION_REFUSED',
      `Nothing is parked in the run ${run}, so there is nothing to decide.`,
    );
  throw new AppError(
    'USAGE',
    `The run ${run} has ${parked.length} parked stages: ${parked.join(', ')}. Say which: overture runs retry RUN STAGE.`,
  );
}

function onlyAtWork({ run, stages }: RunState): string {
  const atWork = stages.filter(({ controls = [] }) => controls.length > 0).map(({ id }) => id);
  if (atWork.length === 1) return atWork[0] as string;
  if (atWork.length === 0)
    throw new AppError(
      'DECISION_REFUSED',
      `No training of the run ${run} is at work now, so there is nothing to control.`,
    );
  throw new AppError(
    'USAGE',
    `The run ${run} has ${atWork.length} trainings at work: ${atWork.join(', ')}. Say which: overture runs control RUN STAGE.`,
  );
}

function actionIn({ stopAfterEpoch, evaluateNow, learningRate }: ControlOptions): TrainingAction {
  const actions: TrainingAction[] = [
    ...(stopAfterEpoch ? ['stopAfterEpoch' as const] : []),
    ...(evaluateNow ? ['evaluateNow' as const] : []),
    ...(learningRate === undefined ? [] : [{ learningRate }]),
  ];
  if (actions.length === 1) return actions[0] as TrainingAction;
  throw new AppError(
    'USAGE',
    `A training must be asked for one thing at a time: --stop-after-epoch, --evaluate-now or --learning-rate SHARE. Got ${actions.length === 0 ? 'none' : actions.length} of them.`,
  );
}

function onlyAsking({ run, stages }: RunState): string {
  const asking = stages.filter(({ status }) => status === 'asking').map(({ id }) => id);
  if (asking.length === 1) return asking[0] as string;
  if (asking.length === 0)
    throw new AppError(
      'DECISION_REFUSED',
      `No gate of the run ${run} asks now, so there is nothing to answer.`,
    );
  throw new AppError(
    'USAGE',
    `The run ${run} has ${asking.length} gates that ask: ${asking.join(', ')}. Say which: overture runs approve RUN GATE.`,
  );
}

function readOverrides({ set, overrides }: RetryOptions): Record<string, unknown> {
  const read = overrides === undefined ? {} : parseObject(overrides);
  for (const setting of set) applySetting(read, setting);
  return read;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError(
      'INPUT_UNREADABLE',
      `--overrides must be a JSON object, such as {"uri": "/data"}. Got ${JSON.stringify(text.slice(0, 80))}: ${(error as Error).message}.`,
      { cause: error },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new AppError(
    'INPUT_UNREADABLE',
    `--overrides must be a JSON object, such as {"uri": "/data"}. Got ${text.slice(0, 80)} instead.`,
  );
}
