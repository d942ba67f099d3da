import { AppError } from '@overture/core';
import type { TokenSet } from './token-set.ts';

/** A prompt and the answer that a language model is trained to produce, as token ids. */
export interface PromptAnswer {
  readonly prompt: readonly number[];
  /** Includes the end token if the model should learn to stop there. */
  readonly answer: readonly number[];
  readonly split: 'train' | 'valid';
  /** Default: its index in the list. */
  readonly id?: string;
}

/** The vocabulary and the length limit of a token set. */
export interface PromptAnswerOptions {
  readonly vocabSize: number;
  readonly padId: number;
  /** Maximum tokens of prompt and answer; longer prompts lose their beginning. */
  readonly maxLength: number;
}

/**
 * Prompts and answers as a token set for fine-tuning a causal language model.
 * @throws AppError `PROMPT_ANSWER_INVALID`
 */
export function promptAnswerTokens(
  examples: readonly PromptAnswer[],
  { vocabSize, padId, maxLength }: PromptAnswerOptions,
): TokenSet {
  const sequences = examples.map(({ prompt, answer, id }, i) => {
    if (prompt.length === 0 || answer.length === 0 || answer.length >= maxLength) {
      throw new AppError(
        'PROMPT_ANSWER_INVALID',
        `A prompt and its answer must have at least one token each, and the answer fewer than ${maxLength}. Got ${prompt.length} and ${answer.length} in example ${id ?? i}: leave it out, or raise maxLength.`,
        { details: { example: i } },
      );
    }
    const kept = prompt.slice(-(maxLength - answer.length));
    return { ids: [...kept, ...answer], answerStart: kept.length };
  });
  let end = 0;
  return {
    ids: Int32Array.from(sequences.flatMap(({ ids }) => ids)),
    offsets: Int32Array.from([0, ...sequences.map(({ ids }) => (end += ids.length))]),
    labels: new Uint8Array(examples.length),
    answerStarts: Int32Array.from(sequences, ({ answerStart }) => answerStart),
    splits: Uint8Array.from(examples, ({ split }) => Number(split === 'valid')),
    splitNames: ['train', 'valid'],
    turns: new Int32Array(examples.length),
    exampleIds: examples.map(({ id }, i) => id ?? String(i)),
    vocabSize,
    padId,
    maxLength,
    templateVersion: 0, // not written by our template
  };
}
