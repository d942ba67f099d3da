import { crossValidatePipeline } from './cross-validate.ts';
import { initiativeStudyPipeline } from './initiative-study.ts';
import { promoteModelPipeline } from './promote-model.ts';
import { sweepPipeline } from './sweep.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/** The pipelines that users can plan and run, by workflow name. To add one, add an entry. */
export const pipelines = {
  trainInitiativeModel: trainInitiativeModelPipeline,
  crossValidate: crossValidatePipeline,
  promoteModel: promoteModelPipeline,
  sweep: sweepPipeline,
  initiativeStudy: initiativeStudyPipeline,
} as const;
