import type { AskOptions, LanguageModel } from '@overture/inference';
import type { InitiativePrompt } from '@overture/tokenization';
import { z } from 'zod';

/** What a model answered. */
export const answer = z.strictObject({
  /** Of initiative, before calibration; null where its text was no answer. */
  probability: z.number().min(0).max(1).nullable(),
  /** Tokens that were computed for it behind the prompt. */
  tokens: z.int(),
});
export type Answer = z.output<typeof answer>;

export interface Asking {
  readonly model: LanguageModel;
  readonly prompt: Pick<InitiativePrompt, 'answers'>;
}

/** A way to get an answer out of a language model. */
export interface Reading {
  /** Whether temperature and threshold are fitted, which takes answers about the validation split. */
  readonly calibrated: boolean;
  /** Tokens that may come behind a prompt. */
  room(prompt: Asking['prompt']): number;
  /** In the order of the prompts, which begin behind `options.prefix`. */
  ask(prompts: readonly (readonly number[])[], asking: Asking, options: AskOptions): Promise<Answer[]>;
}
