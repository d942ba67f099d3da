import type { z } from 'zod';
import type { armFamily } from '../study-summary.ts';
import type { TrainingInput } from '../train-input.ts';

/** How a fold's predictions come about. */
export type ArmMethod =
  /** Computed with the floors of each fold, under that name. */
  | { readonly kind: 'floor' }
  /** Logistic regression on what the encoder, as it comes, says about single turns; with `history`, on who asked before and when as well. */
  | { readonly kind: 'turns'; readonly features: 'text' | 'history' }
  /** Fine-tuning with a classification head; `training` differs from the study's own settings for that base. */
  | { readonly kind: 'classifier'; readonly base: 'encoder' | 'languageModel'; readonly training: Partial<TrainingInput> }
  /** The language model as it comes, asked in words: without or with demonstrations, its answers weighed or read. */
  | { readonly kind: 'prompt'; readonly demonstrations: boolean; readonly read: 'scores' | 'text' }
  /** The language model fine-tuned to write its answer, which is then read. */
  | { readonly kind: 'answers' }
  /** The mean of other arms in log-odds. */
  | { readonly kind: 'ensemble'; readonly of: readonly string[] };

/** One way to decide about the initiative, compared with the others on the same folds. */
export interface StudyArm {
  readonly name: string;
  readonly title: string;
  readonly family: z.output<typeof armFamily>;
  readonly method: ArmMethod;
}
