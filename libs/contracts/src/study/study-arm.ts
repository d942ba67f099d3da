import type { TrainingSettings } from '@overture/training-settings';
import type { z } from 'zod';
import type { armFamily } from '../study-summary.ts';

/** How an arm predicts a fold. */
export type ArmMethod =
  /** A baseline, computed for each fold under the arm's name. */
  | { readonly kind: 'floor' }
  /**
   * Logistic regression on the unmodified encoder's vectors of single turns. With `history`, also on earlier
   * initiatives and their positions.
   */
  | { readonly kind: 'turns'; readonly features: 'text' | 'history' }
  /**
   * Fine-tuning with a classification head. `training` overrides the study's settings for that base model.
   */
  | {
      readonly kind: 'classifier';
      readonly base: 'encoder' | 'languageModel';
      readonly training: Partial<TrainingSettings>;
    }
  /**
   * The unmodified language model, prompted with or without demonstrations. Its answers are scored by
   * likelihood or generated as text.
   */
  | { readonly kind: 'prompt'; readonly demonstrations: boolean; readonly read: 'scores' | 'text' }
  /** The language model, fine-tuned to generate its answer as text. */
  | { readonly kind: 'answers' }
  /** The mean of other arms' log-odds. */
  | { readonly kind: 'ensemble'; readonly of: readonly string[] };

/** One method of predicting the initiative, compared with the others on the same folds. */
export interface StudyArm {
  readonly name: string;
  readonly title: string;
  readonly family: z.output<typeof armFamily>;
  readonly method: ArmMethod;
}
