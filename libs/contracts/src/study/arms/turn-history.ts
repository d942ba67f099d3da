import type { StudyArm } from '../study-arm.ts';

export const turnHistory = {
  name: 'turnHistory',
  title: 'The same with what earlier turns did: who asked, and when',
  family: 'sequence',
  method: { kind: 'turns', features: 'history' },
} as const satisfies StudyArm;
