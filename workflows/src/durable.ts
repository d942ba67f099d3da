import { runControlSchema, type RunControl } from '@overture/contracts';
import type { RunId } from '@overture/core';
import { parseInput, type Pipeline } from '@overture/dag';
import { continueAsNew } from '@temporalio/workflow';
import type { z } from 'zod';
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
  const workflow = async (input?: unknown, inherited?: RunControl, carried?: Carried): Promise<DurableResult<Result>> => {
    const prepared = orInvalidInput(() => prepare(input));
    const parsed = parseInput(schema, input, name);
    // A pipeline whose input says nothing of its run, and a person who says nothing, get the defaults.
    const control = inherited ?? runControlSchema.parse(parsed ?? {});
    const { run, workflowId, result } = await runPlan(prepared, {
      input: input ?? {}, control, carried,
      again: (stand) => continueAsNew<typeof workflow>(input ?? {}, control, stand),
      searchable: { start: searchable.start?.(parsed), result: searchable.result },
    });
    return { runId: run, workflowId, ...result };
  };
  // Temporal's client starts a workflow by the name of its function.
  return Object.defineProperty(workflow, 'name', { value: name });
}
