import {
  inputLimitProblem,
  inputLimits,
  runUpdates,
  type AbortRequest,
  type Application,
  type ControlStageRequest,
  type DecideGateRequest,
  type RetryStageRequest,
  type RunUpdateAnswer,
  type RunUpdateName,
  type SkipStageRequest,
} from '@overture/protocol';
import { shorten } from '@overture/core';
import { inputProblems, type GateDecision, type JsonObject, type Schedule } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import { defineUpdate, setHandler } from '@temporalio/workflow';
import type { z } from 'zod';

/** The Update that retries a parked stage. */
export const retryStageUpdate = defineUpdate<RunUpdateAnswer, [RetryStageRequest]>('retryStage');
/** The Update that skips a parked stage. */
export const skipStageUpdate = defineUpdate<RunUpdateAnswer, [SkipStageRequest]>('skipStage');
/** The Update that decides a gate. */
export const decideGateUpdate = defineUpdate<RunUpdateAnswer, [DecideGateRequest]>('decideGate');
/**
 * The Update that sends a control request to a running stage, unless the application names it differently.
 */
export const controlStageUpdate = defineUpdate<RunUpdateAnswer, [ControlStageRequest]>('controlStage');
/** The Update that aborts the run. */
export const abortUpdate = defineUpdate<RunUpdateAnswer, [AbortRequest]>('abort');

/** The interpreter's actions for valid Updates. */
export interface Decisions {
  retry(stage: string, overrides: JsonObject | undefined): void;
  skip(stage: string): void;
  decide(gate: string, decision: Pick<GateDecision, 'approved' | 'by' | 'reason'>): void;
  /** Resolves once the request is stored. */
  control(request: ControlStageRequest): Promise<void>;
  abort(reason: string | undefined): void;
}

/**
 * Handles Updates: decisions about parked stages and gates, and control requests for running stages. A
 * validator rejects impossible requests with a sentence, which adds no event to the history. Of two
 * concurrent Updates, the second one is checked against the state after the first.
 */
export function handleRunUpdates(
  schedule: Schedule,
  { retry, skip, decide, control, abort }: Decisions,
  { controlUpdate }: Pick<Application, 'controlUpdate'>,
): void {
  const name = schedule.plan.name;
  const over = (): string | undefined =>
    schedule.over ? `The run of ${name} is ending; nothing can be decided any more.` : undefined;

  handle('retryStage', {
    problem: ({ stage, overrides }) => over() ?? schedule.retryProblem(stage, overrides),
    act({ stage, overrides }) {
      retry(stage, overrides);
      return `${stage} runs again${overrides === undefined ? '' : ', its input changed'}.`;
    },
  });
  handle('skipStage', {
    problem: ({ stage }) => over() ?? schedule.skipProblem(stage),
    act({ stage }) {
      skip(stage);
      return `The run goes on without ${stage}.`;
    },
  });
  handle('decideGate', {
    problem: ({ gate }) => over() ?? schedule.decideProblem(gate),
    act({ gate, approve, by, reason }) {
      decide(gate, { approved: approve, by: by ?? null, reason: reason ?? null });
      return `${gate} is ${approve ? 'approved' : 'refused'}.`;
    },
  });
  const example = schedule.controlExample;
  handle('controlStage', {
    name: controlUpdate,
    description: `${runUpdates.controlStage.description}${example === undefined ? '' : ` For example: ${JSON.stringify(example)}.`}`,
    problem: ({ stage, action }) => over() ?? schedule.controlProblem(stage, action),
    async act(request) {
      await control(request);
      return `The request is stored for ${request.stage}, which applies it between two of its steps.`;
    },
  });
  handle('abort', {
    problem: over,
    act({ reason }) {
      abort(reason);
      return 'The run stops; what is finished is kept.';
    },
  });
}

type Request<Name extends RunUpdateName> = z.output<(typeof runUpdates)[Name]['input']>;

interface Handling<Request> {
  /** The name of the Update, if the application gives it another one. */
  readonly name?: string;
  readonly description?: string;
  /** The reason why the request is not possible now, or undefined. */
  problem(request: Request): string | undefined;
  /** Performs the request and returns a sentence about what happens now. */
  act(request: Request): string | Promise<string>;
}

function handle<Name extends RunUpdateName>(
  kind: Name,
  { name = kind, description = runUpdates[kind].description, problem, act }: Handling<Request<Name>>,
): void {
  const checked = (given: unknown): Request<Name> => {
    const request = parse(kind, given, { name, description });
    const refusal = problem(request);
    if (refusal !== undefined) throw refused(refusal);
    return request;
  };
  // Checked again in the handler, because another Update may have been handled since the validation.
  setHandler(
    defineUpdate<RunUpdateAnswer, [unknown]>(name),
    (given) => {
      const said = act(checked(given));
      return typeof said === 'string' ? { message: said } : said.then((message) => ({ message }));
    },
    {
      description,
      validator: (given) => void checked(given),
    },
  );
}

function parse<Name extends RunUpdateName>(
  kind: Name,
  given: unknown,
  { name, description }: { readonly name: string; readonly description: string },
): Request<Name> {
  const { input } = runUpdates[kind];
  const outside = inputLimitProblem(`The argument of ${name}`, given, inputLimits.update);
  if (outside !== undefined) throw refused(outside);
  const parsed = input.safeParse(given ?? {}, { reportInput: true });
  // The compiler cannot infer that the schema of a name parses to that name's request.
  if (parsed.success) return parsed.data as Request<Name>;
  throw refused(
    `The argument of ${name} is wrong. ${inputProblems(input, parsed.error).join(' ')} ${description}`,
  );
}

/**
 * The failure of a rejected Update. The message is shortened because it quotes the argument, and a failure of
 * megabytes would be sent repeatedly.
 */
function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(shorten(message, maximumRefusal), 'DECISION_REFUSED');
}

const maximumRefusal = 3_000;
