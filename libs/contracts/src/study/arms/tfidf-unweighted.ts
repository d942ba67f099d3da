import type { StudyArm } from '../study-arm.ts';

export const tfidfUnweighted = {
  name: 'tfidfUnweighted',
  title: 'TF-IDF, unweighted',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
