import type { StudyArm } from '../study-arm.ts';

/** Logistic regression on the frozen encoder's turn vectors. */
export const frozenEncoder = {
  name: 'frozenEncoder',
  title: 'Frozen encoder',
  family: 'frozen',
  method: { kind: 'turns', features: 'text' },
} as const satisfies StudyArm;
