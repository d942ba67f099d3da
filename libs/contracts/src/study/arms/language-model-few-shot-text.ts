import type { StudyArm } from '../study-arm.ts';

export const languageModelFewShotText = {
  name: 'languageModelFewShotText',
  title: 'Language model asked, with demonstrations, JSON read',
  family: 'prompt',
  method: { kind: 'prompt', demonstrations: true, read: 'text' },
} as const satisfies StudyArm;
