import type { StudyArm } from '../study-arm.ts';

export const languageModelBalanced = {
  name: 'languageModelBalanced',
  title: 'Language model, head, balanced',
  family: 'head',
  method: { kind: 'classifier', base: 'languageModel', training: {} },
} as const satisfies StudyArm;
