import { stageOutcome, type LaterExecution, type StageFailureRequest } from '@overture/protocol';
import type { RunId } from '@overture/core';
import { inputProblems, type StageContract, type Task } from '@overture/dag';
import { ActivityFailure, ApplicationFailure, ServerFailure, TimeoutFailure } from '@temporalio/common';
import { failureOf, type CallOutcome } from './stage-call.ts';

type CallTask = Extract<Task, { kind: 'call' }>;

/**
 * The failure of a stage whose activity returned an invalid outcome because a user completed it by hand.
 * Undefined if the outcome is valid.
 */
export function outcomeFailure({ id, call }: CallTask, outcome: CallOutcome): ApplicationFailure | undefined {
  if (call.kind !== 'stage') return undefined;
  const parsed = stageOutcome.safeParse(outcome, { reportInput: true });
  if (parsed.success) return 'output' in outcome ? undefined : invalid(id, ['output is missing.']);
  return invalid(id, inputProblems(stageOutcome, parsed.error, 3));
}

/** The same for an output that does not satisfy the stage's contract. */
export function outputFailure(
  { id }: CallTask,
  { output }: CallOutcome,
  contract: StageContract | undefined,
): ApplicationFailure | undefined {
  const parsed = contract?.output.safeParse(output, { reportInput: true });
  if (contract === undefined || parsed === undefined || parsed.success) return undefined;
  return invalid(
    id,
    inputProblems(contract.output, parsed.error, 3).map((problem) => `In its output: ${problem}`),
  );
}

/** The form of an outcome, for users who complete an activity by hand. */
const outcomeForm =
  '{"output": …, "reused": false, "cacheKey": "sha256:…", "durationMs": 0, "artifacts": []}, where the output satisfies the stage\'s contract';

function invalid(id: string, problems: readonly string[]): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The activity of stage ${id} was completed with an invalid result: ${problems.join(' ')} To complete it by hand, give ${outcomeForm}. Or retry the stage.`,
    'OUTCOME_INVALID',
  );
}

/** The request to record a failure that the stage's own activity could not record; undefined if it could. */
export function unrecordedFailure(
  { id, call, input }: CallTask,
  thrown: unknown,
  {
    run,
    execution,
    beganAt,
  }: { readonly run: RunId; readonly execution?: LaterExecution; readonly beganAt: number },
): StageFailureRequest | undefined {
  if (call.kind !== 'stage') return undefined;
  const cause = thrown instanceof ActivityFailure ? thrown.cause : thrown;
  const byHand = cause instanceof ApplicationFailure && cause.type === 'OUTCOME_INVALID';
  if (!(cause instanceof TimeoutFailure || cause instanceof ServerFailure || byHand)) return undefined;
  const { message, code } = failureOf(thrown);
  return {
    run,
    ...(execution && { execution }),
    node: id,
    stage: call.stage,
    version: call.version,
    input,
    message,
    code,
    activityId: thrown instanceof ActivityFailure ? (thrown.activityId ?? '') : `${id}: by hand`,
    attempt: call.retry.maximumAttempts,
    durationMs: new Date().getTime() - beganAt,
  };
}
