import type { StudyArm } from '../study-arm.ts';

export const firstTurnRule = {
  name: 'firstTurnRule',
  title: 'First turn only',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
