import type { StudyArm } from '../study-arm.ts';

/** Encoder, fine-tuned with a classification head and no class weights. */
export const encoderUnweighted = {
  name: 'encoderUnweighted',
  title: 'Encoder, unweighted',
  family: 'encoder',
  method: { kind: 'classifier', base: 'encoder', training: { classWeights: 'none' } },
} as const satisfies StudyArm;
