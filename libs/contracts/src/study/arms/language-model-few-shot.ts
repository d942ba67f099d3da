import type { StudyArm } from '../study-arm.ts';

/** Language model, prompted with demonstrations; its two answers are scored by likelihood. */
export const languageModelFewShot = {
  name: 'languageModelFewShot',
  title: 'Language model, few-shot',
  family: 'prompt',
  method: { kind: 'prompt', demonstrations: true, read: 'scores' },
} as const satisfies StudyArm;
