import type { StudyArm } from '../study-arm.ts';

/** Baseline that draws at random with the prior of the other folds. */
export const random = {
  name: 'random',
  title: 'Random at the prior',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
