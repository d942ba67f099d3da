import { z } from 'zod';
import { trainingInput, type AnswersTrainingInput, type TrainingInput } from './train-input.ts';

const { freezeLayers, lora } = trainingInput.shape;

/** What a run does with a base model, so that a model that does not allow it is refused before anything is computed. */
export const baseUse = z.strictObject({
  /** Key of the input that the settings are under, for messages: `training`. */
  key: z.string(),
  /** An encoder turns texts into vectors as it is, a classifier gets a head of its own, a language model writes text. */
  task: z.enum(['encoder', 'classifier', 'languageModel']),
  /** Tokens per text at least. */
  maxLength: z.int().optional(),
  freezeLayers: freezeLayers.unwrap().optional(),
  lora: lora.unwrap().optional(),
});
export type BaseUse = z.output<typeof baseUse>;

/** The training of a classifier on a base model. */
export function classifierUse(training: Pick<TrainingInput, 'maxLength' | 'freezeLayers' | 'lora'>, key = 'training'): BaseUse {
  return { key, task: 'classifier', maxLength: training.maxLength, freezeLayers: training.freezeLayers, lora: training.lora };
}

/** The training of a language model that writes its answers. */
export function answersUse(training: Pick<AnswersTrainingInput, 'freezeLayers' | 'lora'>, key: string): BaseUse {
  return { key, task: 'languageModel', freezeLayers: training.freezeLayers, lora: training.lora };
}
