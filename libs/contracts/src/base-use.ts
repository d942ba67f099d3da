import {
  trainingSettings,
  type AnswersTrainingSettings,
  type TrainingSettings,
} from '@overture/training-settings';
import { z } from 'zod';

const { freezeLayers, lora } = trainingSettings.shape;

/** How a run uses a base model. It allows an unsuitable model to be rejected before anything is computed. */
export const baseUse = z.strictObject({
  /** The input key of the settings, for messages, for example `training`. */
  key: z.string(),
  /**
   * The task: an `encoder` embeds texts unchanged, a `classifier` gets a classification head, a
   * `languageModel` generates text.
   */
  task: z.enum(['encoder', 'classifier', 'languageModel']),
  /** Minimum context length of the model in tokens. */
  maxLength: z.int().optional(),
  freezeLayers: freezeLayers.unwrap().optional(),
  lora: lora.unwrap().optional(),
});
/** A parsed `baseUse`. */
export type BaseUse = z.output<typeof baseUse>;

/** The use of a base model to train a classifier. */
export function classifierUse(
  training: Pick<TrainingSettings, 'maxLength' | 'freezeLayers' | 'lora'>,
  key = 'training',
): BaseUse {
  return {
    key,
    task: 'classifier',
    maxLength: training.maxLength,
    freezeLayers: training.freezeLayers,
    lora: training.lora,
  };
}

/** The use of a base model to fine-tune it for generating answers. */
export function answersUse(
  training: Pick<AnswersTrainingSettings, 'freezeLayers' | 'lora'>,
  key: string,
): BaseUse {
  return { key, task: 'languageModel', freezeLayers: training.freezeLayers, lora: training.lora };
}
