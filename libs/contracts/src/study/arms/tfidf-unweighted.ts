import type { StudyArm } from '../study-arm.ts';

/** TF-IDF baseline without class weights. */
export const tfidfUnweighted = {
  name: 'tfidfUnweighted',
  title: 'TF-IDF, unweighted',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
