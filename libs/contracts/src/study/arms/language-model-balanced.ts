import type { StudyArm } from '../study-arm.ts';

/**
 * Language model, fine-tuned with a classification head and the study's class weights (balanced by default).
 */
export const languageModelBalanced = {
  name: 'languageModelBalanced',
  title: 'Language model, head, balanced',
  family: 'head',
  method: { kind: 'classifier', base: 'languageModel', training: {} },
} as const satisfies StudyArm;
