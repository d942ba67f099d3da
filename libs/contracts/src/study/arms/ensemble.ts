import type { StudyArm } from '../study-arm.ts';

/** Mean of the log-odds of four arms. */
export const ensemble = {
  name: 'ensemble',
  title: 'Ensemble',
  family: 'ensemble',
  method: { kind: 'ensemble', of: ['encoderBalanced', 'frozenEncoder', 'turnHistory', 'tfidfBalanced'] },
} as const satisfies StudyArm;
