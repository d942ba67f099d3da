import type { supervisedFineTune } from '@overture/contracts';
import { AppError } from '@overture/core';
import { resolveTagSet } from '@overture/dialogue';
import {
  encodeTokenSet,
  initiativePrompt,
  promptAnswerTokens,
  type PromptAnswer,
} from '@overture/tokenization';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { languageModelFolder } from '../language-model-folder.ts';

/** The encoded training data of a language model. */
export interface EncodedAnswers {
  /** Files in the attempt's folder. */
  readonly files: { readonly tokens: string; readonly weights: string; readonly modelConfig: string };
  /** Tokens of the longest prompt with its answer, and the total number. */
  readonly maxLength: number;
  readonly tokens: number;
}

/**
 * Writes prompts with their answers as a token set, and the model's files, to the attempt's folder.
 * @throws AppError `PROMPT_CONTEXT_TOO_SMALL`, and the errors of reading the corpus and the model
 */
export async function encodeAnswers(
  input: z.output<typeof supervisedFineTune.input>,
  { artifacts, signal, workDir, heartbeat }: ComputeContext,
): Promise<EncodedAnswers> {
  const tagSet = resolveTagSet(input.tagSet);
  const bySplit = await examplesBySplit(artifacts, input.corpus, {
    rule: { protocol: input.protocol, tagSet },
    splits: ['train', 'valid'],
  });
  const {
    base,
    tokenizer,
    chat,
    network,
    context: positions,
  } = await languageModelFolder(artifacts, input.model, join(workDir, 'model'));

  const prompt = initiativePrompt({ tokenizer, chat, tagSet, maxLength: input.maxLength });
  const total = bySplit.train.length + bySplit.valid.length;
  const answered: PromptAnswer[] = [];
  for (const split of ['train', 'valid'] as const) {
    for (const example of bySplit[split]) {
      signal.throwIfAborted();
      if (answered.length % progressEvery === 0)
        heartbeat({ message: 'writing prompts', done: answered.length, total });
      answered.push({ ...prompt.encodeAnswered(example, example.label), split, id: example.id });
    }
  }
  const lengths = answered.map((each) => each.prompt.length + each.answer.length);
  const maxLength = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (maxLength > positions) {
    throw new AppError(
      'PROMPT_CONTEXT_TOO_SMALL',
      `The model ${base.name} must have room for the instruction, the longest conversation and the answer, ${maxLength} tokens. It has ${positions}: use shorter conversations (maxLength).`,
      { details: { needed: maxLength, context: positions } },
    );
  }
  const tokens = join(workDir, 'tokens');
  await writeFile(
    tokens,
    encodeTokenSet(
      promptAnswerTokens(answered, { vocabSize: network.size.vocabSize, padId: tokenizer.padId, maxLength }),
    ),
  );
  return {
    files: { tokens, weights: base.files.weights, modelConfig: base.files.config },
    maxLength,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
  };
}

/** `encodeAnswers` in a child process. */
export const encodeAnswersInChild = inChild(import.meta.url, encodeAnswers, {
  stage: 'fineTuneAnswers:prompts',
});

const progressEvery = 100; // prompts
