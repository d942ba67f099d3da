import type { StudyArm } from '../study-arm.ts';

export const alwaysNo = {
  name: 'alwaysNo',
  title: 'Never',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
