import { z } from 'zod';

/** What people may ask of a training at work: to end with this epoch, to be evaluated now, or to go on at a share of the learning rate. */
export const trainingAction = z.union([z.enum(['stopAfterEpoch', 'evaluateNow']), z.strictObject({ learningRate: z.number().gt(0).lt(1) })]);
export type TrainingAction = z.output<typeof trainingAction>;
