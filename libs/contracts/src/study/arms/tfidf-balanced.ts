import type { StudyArm } from '../study-arm.ts';

export const tfidfBalanced = {
  name: 'tfidfBalanced',
  title: 'TF-IDF + logistic regression, balanced weights',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
