import type { StudyArm } from '../study-arm.ts';

/** Baseline that always predicts no initiative. */
export const alwaysNo = {
  name: 'alwaysNo',
  title: 'Never',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
