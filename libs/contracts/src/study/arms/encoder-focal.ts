import type { StudyArm } from '../study-arm.ts';

/** Encoder, fine-tuned with a classification head and the focal loss. */
export const encoderFocal = {
  name: 'encoderFocal',
  title: 'Encoder, focal loss',
  family: 'encoder',
  method: { kind: 'classifier', base: 'encoder', training: { loss: 'focal' } },
} as const satisfies StudyArm;
