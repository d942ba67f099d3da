import type { StudyArm } from '../study-arm.ts';

export const ensemble = {
  name: 'ensemble',
  title: 'Mean of fine-tuned and frozen encoder, turn history and TF-IDF',
  family: 'ensemble',
  method: { kind: 'ensemble', of: ['encoderBalanced', 'frozenEncoder', 'turnHistory', 'tfidfBalanced'] },
} as const satisfies StudyArm;
