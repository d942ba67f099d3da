import {
  assertApplication,
  inputLimitProblem,
  inputLimits,
  runControlSchema,
  type Application,
  type RunControl,
  type SearchAttributes,
} from '@overture/protocol';
import { AppError, type RunId } from '@overture/core';
import { parseInput, type Pipeline } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import { continueAsNew, patched } from '@temporalio/workflow';
import type { z } from 'zod';
import { boundedFailure } from './bounded-failure.ts';
import type { ContinueAsNewState } from './interpret.ts';
import { orInvalidInput } from './invalid-input.ts';
import { runPlan } from './run-plan.ts';
import type { SearchableValues } from './search-attributes.ts';

/** The result of a durable pipeline, with the ids of its run. */
export type DurableResult<Result> = { readonly runId: RunId; readonly workflowId: string } & Result;

/**
 * A durable pipeline as a Temporal workflow. Users pass its input. A parent workflow also passes its control
 * settings; an execution that continues as new also passes its state.
 */
export type DurableWorkflow<Result> = (
  input?: unknown,
  inherited?: RunControl,
  continued?: ContinueAsNewState,
) => Promise<DurableResult<Result>>;

/** Options of `durable`. */
export interface DurableOptions<Input, Result, Attributes extends SearchAttributes> {
  /** The application whose queues and search attributes the runs use. */
  readonly application: Application<string, Attributes>;
  /**
   * The values of the application's search attributes: those known at the start, and those from the result.
   */
  readonly searchable?: {
    start?(input: Input): SearchableValues<Attributes>;
    result?(result: Result): SearchableValues<Attributes>;
  };
}

/**
 * Turns a pipeline into a workflow: a function of one optional JSON object. It fails with type `InvalidInput`
 * and a sentence for each wrong key. If stages are not parked, it fails with the failed stage's own message.
 */
export function durable<Input, Result extends object, Attributes extends SearchAttributes>(
  {
    name,
    input: schema,
    prepare,
  }: Pick<Pipeline<string, z.ZodType<Input>, Result>, 'name' | 'input' | 'prepare'>,
  options: DurableOptions<Input, Result, Attributes>,
): DurableWorkflow<Result> {
  const { application, searchable = {} } = options ?? {};
  assertApplication(application, `durable(${name})`);
  const run = async (
    input?: unknown,
    inherited?: RunControl,
    continued?: ContinueAsNewState,
  ): Promise<DurableResult<Result>> => {
    orInvalidInput(() => assertWithinLimits(name, input));
    const prepared = orInvalidInput(() => prepare(input));
    const parsed = parseInput(schema, input, name);
    // If the input has no control settings, the defaults apply.
    const control = inherited ?? runControlSchema.parse(parsed ?? {});
    const {
      run: runId,
      workflowId,
      result,
    } = await runPlan(prepared, {
      application,
      input: input ?? {},
      control,
      carried: continued,
      again: (stand) => continueAsNew<typeof run>(input ?? {}, control, stand),
      searchable: { start: searchable.start?.(parsed), result: searchable.result },
    });
    return { runId, workflowId, ...result };
  };
  const workflow = (...args: Parameters<typeof run>): Promise<DurableResult<Result>> =>
    run(...args).catch((thrown: unknown) => {
      if (thrown instanceof ApplicationFailure) throw boundedFailure(thrown);
      // The stages' outputs do not fit the plan. Unconverted, this error would fail the workflow task, which
      // Temporal retries forever.
      if (thrown instanceof AppError)
        throw boundedFailure(ApplicationFailure.nonRetryable(thrown.message, thrown.code));
      throw thrown;
    });
  // Temporal's client starts a workflow by its function's name.
  return Object.defineProperty(workflow, 'name', { value: name });
}

function assertWithinLimits(name: string, input: unknown): void {
  const problem = inputLimitProblem(`The input of ${name}`, input, inputLimits.run);
  // Runs that started before the limits existed continue.
  if (problem !== undefined && patched('input-limits')) throw new AppError('INPUT_INVALID', problem);
}
