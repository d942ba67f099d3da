import type { StudyArm } from '../study-arm.ts';

/** Logistic regression on the frozen encoder's turn vectors and the history of earlier turns. */
export const turnHistory = {
  name: 'turnHistory',
  title: 'Frozen encoder and history',
  family: 'sequence',
  method: { kind: 'turns', features: 'history' },
} as const satisfies StudyArm;
