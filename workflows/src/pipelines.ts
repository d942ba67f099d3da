import { crossValidatePipeline } from './cross-validate.ts';
import { initiativeStudyPipeline } from './initiative-study.ts';
import { promoteModelPipeline } from './promote-model.ts';
import { sweepPipeline } from './sweep.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/** The pipelines that can be planned from outside, each under the name of its workflow. Adding one: a row. */
export const pipelines = { trainInitiativeModel: trainInitiativeModelPipeline, crossValidate: crossValidatePipeline, promoteModel: promoteModelPipeline, sweep: sweepPipeline, initiativeStudy: initiativeStudyPipeline } as const;
