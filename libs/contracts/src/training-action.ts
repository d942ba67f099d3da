import { z } from 'zod';

/**
 * A control request for a running training: stop after this epoch, evaluate now, or multiply the learning
 * rate by a factor.
 */
export const trainingAction = z.union([
  z.enum(['stopAfterEpoch', 'evaluateNow']),
  z.strictObject({ learningRate: z.number().gt(0).lt(1) }),
]);
/** A parsed control request for a training. */
export type TrainingAction = z.output<typeof trainingAction>;

/** The control requests that every training accepts. */
export const trainingControl = {
  action: trainingAction,
  examples: ['stopAfterEpoch', 'evaluateNow', { learningRate: 0.5 }],
} as const;
