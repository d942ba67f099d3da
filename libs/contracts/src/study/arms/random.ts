import type { StudyArm } from '../study-arm.ts';

export const random = {
  name: 'random',
  title: 'Random at the prior',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
