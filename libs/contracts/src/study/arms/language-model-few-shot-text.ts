import type { StudyArm } from '../study-arm.ts';

/** Language model, prompted with demonstrations; it generates its answer as JSON. */
export const languageModelFewShotText = {
  name: 'languageModelFewShotText',
  title: 'Language model, few-shot, JSON',
  family: 'prompt',
  method: { kind: 'prompt', demonstrations: true, read: 'text' },
} as const satisfies StudyArm;
