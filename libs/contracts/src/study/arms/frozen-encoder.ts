import type { StudyArm } from '../study-arm.ts';

export const frozenEncoder = {
  name: 'frozenEncoder',
  title: 'Frozen encoder, logistic regression on opening and last turn',
  family: 'frozen',
  method: { kind: 'turns', features: 'text' },
} as const satisfies StudyArm;
