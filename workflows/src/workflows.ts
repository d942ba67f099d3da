import type { CrossValidateResult, PromoteResult, StudyResult, SweepResult, TrainResult } from '@overture/contracts';
import { crossValidateFoldPipeline, crossValidatePipeline } from './cross-validate.ts';
import { durable } from './durable.ts';
import { initiativeStudyPipeline, studyFloorsPipeline, studyTrialPipeline } from './initiative-study.ts';
import { promoteModelPipeline } from './promote-model.ts';
import { sweepPipeline, sweepTrialPipeline } from './sweep.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/** Trains a model to predict system initiative; see `TrainInput` for its keys. */
export const trainInitiativeModel: (input?: unknown) => Promise<TrainResult> = durable(trainInitiativeModelPipeline, {
  searchable: { start: ({ name }) => ({ model: name }), result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.macroF1 ?? undefined }) },
});

/** Predicts every conversation with models that never saw it, and reports on all of them; see `CrossValidateInput` for its keys. */
export const crossValidate: (input?: unknown) => Promise<CrossValidateResult> = durable(crossValidatePipeline, {
  searchable: { result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.macroF1 }) },
});

/** One fold of `crossValidate`, which starts it. */
export const crossValidateFold = durable(crossValidateFoldPipeline);

/** Compares a registered model with the champion and the floors, and asks a person; see `PromoteInput` for its keys. */
export const promoteModel: (input?: unknown) => Promise<PromoteResult> = durable(promoteModelPipeline, {
  searchable: { start: ({ model }) => ({ model: model.split('@')[0] }), result: ({ comparison }) => ({ macroF1: comparison.macroF1 }) },
});

/** Draws trainings from a search space, stops the losers early, and trains the best one in full; see `SweepInput` for its keys. */
export const sweep: (input?: unknown) => Promise<SweepResult> = durable(sweepPipeline, {
  searchable: { start: ({ name }) => ({ model: name }), result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.macroF1 }) },
});

/** One trial of `sweep`, which starts it. */
export const sweepTrial = durable(sweepTrialPipeline);

/** Compares all ways to decide about the initiative on the same folds; see `InitiativeStudyInput` for its keys. */
export const initiativeStudy: (input?: unknown) => Promise<StudyResult> = durable(initiativeStudyPipeline, {
  searchable: { result: ({ report, corpus }) => ({ corpus: corpus.name, macroF1: report.arms.find(({ name }) => name === report.best)?.macroF1 }) },
});

/** The floors of one fold of `initiativeStudy`, which starts it. */
export const studyFloors = durable(studyFloorsPipeline);

/** One arm in one fold of `initiativeStudy`, which starts it. */
export const studyTrial = durable(studyTrialPipeline);
