import type { StudyArm } from '../study-arm.ts';

/** Baseline that predicts initiative only at the system's first turn. */
export const firstTurnRule = {
  name: 'firstTurnRule',
  title: 'First turn only',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
