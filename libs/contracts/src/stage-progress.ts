import { z } from 'zod';

/** The progress of a training. `epoch` counts from 1; `loss` is that of the last step. */
export const trainingProgress = z.object({ step: z.int(), totalSteps: z.int(), epoch: z.int(), loss: z.number().nullable() });
/** The parsed progress of a training. */
export type TrainingProgress = z.output<typeof trainingProgress>;

/** The heartbeat details of an activity. They are for display only and not needed to resume. */
export const stageProgress = z.object({
  stage: z.string(),
  message: z.string().optional(),
  done: z.number().optional(),
  total: z.number().optional(),
  training: trainingProgress.optional(),
});
/** The parsed heartbeat details of an activity. */
export type StageProgress = z.output<typeof stageProgress>;
