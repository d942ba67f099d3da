import type { StudyArm } from '../study-arm.ts';

export const turnHistory = {
  name: 'turnHistory',
  title: 'Frozen encoder and history',
  family: 'sequence',
  method: { kind: 'turns', features: 'history' },
} as const satisfies StudyArm;
