import { runControlSchema, TrainInput, type TrainResult } from '@overture/contracts';
import { parseInput } from '@overture/dag';
import { orInvalidInput } from './invalid-input.ts';
import { runPlan } from './run-plan.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/**
 * Trains a model to predict system initiative. Takes one JSON object, or nothing: see `TrainInput` for its keys.
 * Fails with type `InvalidInput`, naming each wrong key, or, where stages are not to be parked, with the failed stage's
 * own message.
 */
export async function trainInitiativeModel(input?: unknown): Promise<TrainResult> {
  const prepared = orInvalidInput(() => trainInitiativeModelPipeline.prepare(input));
  const { name, ...parsed } = parseInput(TrainInput, input, 'trainInitiativeModel');
  const { run, workflowId, result } = await runPlan(prepared, {
    input: input ?? {},
    control: runControlSchema.parse(parsed),
    searchable: { start: { model: name }, result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.macroF1 ?? undefined }) },
  });
  return { runId: run, workflowId, ...result };
}
