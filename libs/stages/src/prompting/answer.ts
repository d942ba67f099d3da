import type { AskOptions, LanguageModel } from '@overture/inference';
import type { InitiativePrompt } from '@overture/tokenization';
import { z } from 'zod';

/** The answer of a language model to one prompt. */
export const answer = z.strictObject({
  /** P(initiative) before calibration; null if the text was not a valid answer. */
  probability: z.number().min(0).max(1).nullable(),
  /** Tokens computed after the prompt. */
  tokens: z.int(),
});
/** The answer of a language model to one prompt. */
export type Answer = z.output<typeof answer>;

/** A language model and the prompt format used with it. */
export interface Asking {
  readonly model: LanguageModel;
  readonly prompt: Pick<InitiativePrompt, 'answers'>;
}

/** A way to read an answer from a language model. */
export interface Reading {
  /** Whether temperature and threshold are fitted, which needs answers for the validation split. */
  readonly calibrated: boolean;
  /** Maximum number of tokens after a prompt. */
  room(prompt: Asking['prompt']): number;
  /** Answers in the order of the prompts. Prompts are given without the tokens of `options.prefix`. */
  ask(prompts: readonly (readonly number[])[], asking: Asking, options: AskOptions): Promise<Answer[]>;
}
