import type { StudyArm } from '../study-arm.ts';

export const firstTurnRule = {
  name: 'firstTurnRule',
  title: 'Initiative at the first system turn only',
  family: 'floor',
  method: { kind: 'floor' },
} as const satisfies StudyArm;
