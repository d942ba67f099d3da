import { inputLimitProblem, inputLimits, runControlSchema, type RunControl } from '@overture/contracts';
import { AppError, type RunId } from '@overture/core';
import { parseInput, type Pipeline } from '@overture/dag';
import { ApplicationFailure } from '@temporalio/common';
import { continueAsNew, patched } from '@temporalio/workflow';
import type { z } from 'zod';
import { boundedFailure } from './bounded-failure.ts';
import type { Carried } from './interpret.ts';
import { orInvalidInput } from './invalid-input.ts';
import { runPlan, type RunPlanOptions } from './run-plan.ts';
import type { SearchableValues } from './search-attributes.ts';

/** What a durable pipeline gives: its result, and which run it was. */
export type DurableResult<Result> = { readonly runId: RunId; readonly workflowId: string } & Result;

export interface DurableOptions<Input, Result> {
  /** What people search its runs by. */
  readonly searchable?: { start?(input: Input): SearchableValues; result?: NonNullable<RunPlanOptions<Result>['searchable']>['result'] };
}

/**
 * A pipeline as a workflow: a function of one JSON object, or nothing. It fails with type `InvalidInput`, naming each
 * wrong key, or, where stages are not to be parked, with the failed stage's own message.
 */
export function durable<Input, Result extends object>(
  { name, input: schema, prepare }: Pick<Pipeline<string, z.ZodType<Input>, Result>, 'name' | 'input' | 'prepare'>,
  { searchable = {} }: DurableOptions<Input, Result> = {},
): (input?: unknown, inherited?: RunControl, carried?: Carried) => Promise<DurableResult<Result>> {
  const run = async (input?: unknown, inherited?: RunControl, carried?: Carried): Promise<DurableResult<Result>> => {
    orInvalidInput(() => assertWithinLimits(name, input));
    const prepared = orInvalidInput(() => prepare(input));
    const parsed = parseInput(schema, input, name);
    // A pipeline whose input says nothing of its run, and a person who says nothing, get the defaults.
    const control = inherited ?? runControlSchema.parse(parsed ?? {});
    const { run: runId, workflowId, result } = await runPlan(prepared, {
      input: input ?? {}, control, carried,
      again: (stand) => continueAsNew<typeof run>(input ?? {}, control, stand),
      searchable: { start: searchable.start?.(parsed), result: searchable.result },
    });
    return { runId, workflowId, ...result };
  };
  const workflow = (...args: Parameters<typeof run>): Promise<DurableResult<Result>> =>
    run(...args).catch((thrown: unknown) => {
      if (thrown instanceof ApplicationFailure) throw boundedFailure(thrown);
      // What stages gave does not fit the plan: as it is, it would fail the workflow task, which Temporal repeats for ever.
      if (thrown instanceof AppError) throw boundedFailure(ApplicationFailure.nonRetryable(thrown.message, thrown.code));
      throw thrown;
    });
  // Temporal's client starts a workflow by the name of its function.
  return Object.defineProperty(workflow, 'name', { value: name });
}

function assertWithinLimits(name: string, input: unknown): void {
  const problem = inputLimitProblem(`The input of ${name}`, input, inputLimits.run);
  // A run that began before there were limits goes on.
  if (problem !== undefined && patched('input-limits')) throw new AppError('INPUT_INVALID', problem);
}
