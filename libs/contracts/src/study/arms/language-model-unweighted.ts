import type { StudyArm } from '../study-arm.ts';

/** Language model, fine-tuned with a classification head and no class weights. */
export const languageModelUnweighted = {
  name: 'languageModelUnweighted',
  title: 'Language model, head, unweighted',
  family: 'head',
  method: { kind: 'classifier', base: 'languageModel', training: { classWeights: 'none' } },
} as const satisfies StudyArm;
