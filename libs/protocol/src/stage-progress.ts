import { z } from 'zod';

/**
 * The heartbeat details of an activity. They are for display only and not needed to resume. An application
 * may add keys.
 */
export const stageProgress = z.looseObject({
  stage: z.string(),
  message: z.string().optional(),
  done: z.number().optional(),
  total: z.number().optional(),
});
/** The parsed heartbeat details of an activity. */
export type StageProgress = z.output<typeof stageProgress>;
