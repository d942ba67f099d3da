import type { StudyArm } from '../study-arm.ts';

export const languageModelText = {
  name: 'languageModelText',
  title: 'Language model, fine-tuned, JSON',
  family: 'text',
  method: { kind: 'answers' },
} as const satisfies StudyArm;
