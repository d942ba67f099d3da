import type { StudyArm } from '../study-arm.ts';

/** Encoder, fine-tuned with a classification head and the study's class weights (balanced by default). */
export const encoderBalanced = {
  name: 'encoderBalanced',
  title: 'Encoder, balanced',
  family: 'encoder',
  method: { kind: 'classifier', base: 'encoder', training: {} },
} as const satisfies StudyArm;
