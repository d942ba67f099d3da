import type { StudyArm } from '../study-arm.ts';

/** Language model, fine-tuned to generate its answer as JSON. */
export const languageModelText = {
  name: 'languageModelText',
  title: 'Language model, fine-tuned, JSON',
  family: 'text',
  method: { kind: 'answers' },
} as const satisfies StudyArm;
