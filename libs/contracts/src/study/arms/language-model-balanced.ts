import type { StudyArm } from '../study-arm.ts';

export const languageModelBalanced = {
  name: 'languageModelBalanced',
  title: 'Language model fine-tuned with a head, balanced weights',
  family: 'head',
  method: { kind: 'classifier', base: 'languageModel', training: {} },
} as const satisfies StudyArm;
