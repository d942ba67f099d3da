import type { StudyArm } from '../study-arm.ts';

export const encoderBalanced = {
  name: 'encoderBalanced',
  title: 'Encoder, balanced',
  family: 'encoder',
  method: { kind: 'classifier', base: 'encoder', training: {} },
} as const satisfies StudyArm;
