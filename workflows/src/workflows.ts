import {
  overture as application,
  type CrossValidateResult,
  type PromoteResult,
  type StudyResult,
  type SweepResult,
  type TrainResult,
} from '@overture/contracts';
import { crossValidateFoldPipeline, crossValidatePipeline } from './cross-validate.ts';
import { durable } from '@overture/durable';
import { initiativeStudyPipeline, studyBaselinesPipeline, studyTrialPipeline } from './initiative-study.ts';
import { promoteModelPipeline } from './promote-model.ts';
import { sweepPipeline, sweepTrialPipeline } from './sweep.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/** Trains a model to predict system initiative; see `TrainInput` for its keys. */
export const trainInitiativeModel: (input?: unknown) => Promise<TrainResult> = durable(
  trainInitiativeModelPipeline,
  {
    application,
    searchable: {
      start: ({ name }) => ({ Model: name }),
      result: ({ report, corpus }) => ({ Corpus: corpus.name, MacroF1: report.macroF1 ?? undefined }),
    },
  },
);

/**
 * Predicts every conversation of the chosen splits with models that were not trained on it, and reports on
 * all predictions; see `CrossValidateInput` for its keys.
 */
export const crossValidate: (input?: unknown) => Promise<CrossValidateResult> = durable(
  crossValidatePipeline,
  {
    application,
    searchable: { result: ({ report, corpus }) => ({ Corpus: corpus.name, MacroF1: report.macroF1 }) },
  },
);

/** One fold of `crossValidate`, started by it as a child workflow. */
export const crossValidateFold = durable(crossValidateFoldPipeline, { application });

/**
 * Compares a registered model with the champion and the baselines, and asks for approval; see `PromoteInput`
 * for its keys.
 */
export const promoteModel: (input?: unknown) => Promise<PromoteResult> = durable(promoteModelPipeline, {
  application,
  searchable: {
    start: ({ model }) => ({ Model: model.split('@')[0] }),
    result: ({ comparison }) => ({ MacroF1: comparison.macroF1 }),
  },
});

/**
 * Draws trials from a search space, stops the worst ones early, and trains the best one in full; see
 * `SweepInput` for its keys.
 */
export const sweep: (input?: unknown) => Promise<SweepResult> = durable(sweepPipeline, {
  application,
  searchable: {
    start: ({ name }) => ({ Model: name }),
    result: ({ report, corpus }) => ({ Corpus: corpus.name, MacroF1: report.macroF1 }),
  },
});

/** One trial of `sweep`, started by it as a child workflow. */
export const sweepTrial = durable(sweepTrialPipeline, { application });

/**
 * Compares all methods of predicting the initiative on the same folds; see `InitiativeStudyInput` for its
 * keys.
 */
export const initiativeStudy: (input?: unknown) => Promise<StudyResult> = durable(initiativeStudyPipeline, {
  application,
  searchable: {
    result: ({ report, corpus }) => ({
      Corpus: corpus.name,
      MacroF1: report.arms.find(({ name }) => name === report.best)?.macroF1,
    }),
  },
});

/** The baselines of one fold of `initiativeStudy`, started by it as a child workflow. */
export const studyFloors = durable(studyBaselinesPipeline, { application });

/** One arm in one fold of `initiativeStudy`, started by it as a child workflow. */
export const studyTrial = durable(studyTrialPipeline, { application });
