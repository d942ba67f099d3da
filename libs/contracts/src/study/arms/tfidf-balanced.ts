import type { StudyArm } from '../study-arm.ts';

/** TF-IDF baseline with balanced class weights. */
export const tfidfBalanced = {
  name: 'tfidfBalanced',
  title: 'TF-IDF, balanced',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
