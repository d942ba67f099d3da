import type { StudyArm } from '../study-arm.ts';

/** Language model, prompted without demonstrations; its two answers are scored by likelihood. */
export const languageModelZeroShot = {
  name: 'languageModelZeroShot',
  title: 'Language model, zero-shot',
  family: 'prompt',
  method: { kind: 'prompt', demonstrations: false, read: 'scores' },
} as const satisfies StudyArm;
