import { z } from 'zod';

/** Where a training stands. `epoch` counts from 1; `loss` is the last step's. */
export const trainingProgress = z.object({ step: z.int(), totalSteps: z.int(), epoch: z.int(), loss: z.number().nullable() });
export type TrainingProgress = z.output<typeof trainingProgress>;

/** What an activity heartbeats: shown to people, never needed to go on. */
export const stageProgress = z.object({
  stage: z.string(),
  message: z.string().optional(),
  done: z.number().optional(),
  total: z.number().optional(),
  training: trainingProgress.optional(),
});
export type StageProgress = z.output<typeof stageProgress>;
