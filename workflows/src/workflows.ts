import type { TrainResult } from '@overture/contracts';
import { durable } from './durable.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/** Trains a model to predict system initiative; see `TrainInput` for its keys. */
export const trainInitiativeModel: (input?: unknown) => Promise<TrainResult> = durable(trainInitiativeModelPipeline, {
  searchable: { start: ({ name }) => ({ model: name }), result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.macroF1 ?? undefined }) },
});
