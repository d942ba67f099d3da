import { stageProgress } from '@overture/protocol';
import { z } from 'zod';

/** The progress of a training. `epoch` counts from 1; `loss` is that of the last step. */
export const trainingProgress = z.object({
  step: z.int(),
  totalSteps: z.int(),
  epoch: z.int(),
  loss: z.number().nullable(),
});
/** The parsed progress of a training. */
export type TrainingProgress = z.output<typeof trainingProgress>;

/** The heartbeat details of an activity that may be a training. */
export const trainingStageProgress = stageProgress.extend({ training: trainingProgress.optional() });
/** The parsed heartbeat details of an activity that may be a training. */
export type TrainingStageProgress = z.output<typeof trainingStageProgress>;
