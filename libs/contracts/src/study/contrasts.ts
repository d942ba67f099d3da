import type { ArmName } from './arm-table.ts';

/**
 * A contrast that was planned before any results: is `better` better than `than`? `best` is the arm with the
 * best macro-F1 that is not a baseline.
 */
export interface PlannedContrast {
  readonly name: string;
  readonly question: string;
  readonly better: ArmName | 'best';
  readonly than: ArmName;
}

/** The questions of the study. Holm's correction covers all of them. */
export const plannedContrasts: readonly PlannedContrast[] = [
  {
    name: 'headOverText',
    question: 'Is a classification head better than text that is read?',
    better: 'languageModelBalanced',
    than: 'languageModelText',
  },
  {
    name: 'weightedOverUnweighted',
    question: 'Do class weights help?',
    better: 'encoderBalanced',
    than: 'encoderUnweighted',
  },
  {
    name: 'fineTunedOverFewShot',
    question: 'Does fine-tuning help a language model?',
    better: 'languageModelText',
    than: 'languageModelFewShotText',
  },
  {
    name: 'bestOverTfidf',
    question: 'Is anything better than TF-IDF?',
    better: 'best',
    than: 'tfidfBalanced',
  },
  {
    name: 'bestOverFirstTurn',
    question: 'Is anything better than the rule of the first turn?',
    better: 'best',
    than: 'firstTurnRule',
  },
];
