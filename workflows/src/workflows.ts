import type { TrainResult } from '@overture/contracts';
import { orInvalidInput } from './invalid-input.ts';
import { runPlan } from './run-plan.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/**
 * Trains a model to predict system initiative. Takes one JSON object, or nothing: see `TrainInput` for its keys.
 * Fails with type `InvalidInput`, naming each wrong key, or with the failed stage's own message.
 */
export async function trainInitiativeModel(input?: unknown): Promise<TrainResult> {
  const plan = orInvalidInput(() => trainInitiativeModelPipeline.plan(input));
  const { run, workflowId, result } = await runPlan(plan, input ?? {});
  return { runId: run, workflowId, ...result };
}
