import type { StudyArm } from '../study-arm.ts';

/** Language model, fine-tuned with a classification head and the focal loss. */
export const languageModelFocal = {
  name: 'languageModelFocal',
  title: 'Language model, head, focal loss',
  family: 'head',
  method: { kind: 'classifier', base: 'languageModel', training: { loss: 'focal' } },
} as const satisfies StudyArm;
