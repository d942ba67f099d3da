import type { StudyArm } from '../study-arm.ts';

export const languageModelZeroShot = {
  name: 'languageModelZeroShot',
  title: 'Language model asked, no demonstrations',
  family: 'prompt',
  method: { kind: 'prompt', demonstrations: false, read: 'scores' },
} as const satisfies StudyArm;
