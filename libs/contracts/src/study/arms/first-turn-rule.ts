import type { StudyArm } from '../study-arm.ts';

/** Baseline that uses only the position: the rule of the first turn. */
export const firstTurnRule = {
  name: 'firstTurnRule',
  title: 'First turn only',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
