import type { promptFold, SplitName } from '@overture/contracts';
import { AppError } from '@overture/core';
import { resolveTagSet, type Example } from '@overture/dialogue';
import type { BaseModel } from '@overture/models';
import { commonBeginning, initiativePrompt, type InitiativePrompt } from '@overture/tokenization';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { examplesBySplit } from '../corpus-artifact.ts';
import { languageModelFolder } from '../language-model-folder.ts';
import { chooseDemonstrations } from '../prompting/choose-demonstrations.ts';
import { writePrompts } from '../prompting/prompt-file.ts';
import { readings } from '../prompting/readings.ts';

/** An example without its text. */
export type AskedExample = Pick<Example, 'id' | 'conversationId' | 'systemTurn' | 'label'>;

/** The encoded prompts of a fold. */
export interface EncodedPrompts {
  readonly valid: readonly AskedExample[];
  readonly test: readonly AskedExample[];
  /** Ids of the examples shown in every prompt. */
  readonly demonstrations: readonly string[];
  /** Prompts of `valid`, then of `test`; see `readPrompts`. */
  readonly file: string;
  /** Number of tokens at the start that all prompts share. */
  readonly shared: number;
  readonly answers: InitiativePrompt['answers'];
  /** The model's files. */
  readonly base: BaseModel;
}

/**
 * Encodes the prompts of a fold, and writes them and the model's files to the attempt's folder.
 * @throws AppError `PROMPT_CONTEXT_TOO_SMALL`, and the errors of reading the corpus and the model and of
 * choosing demonstrations
 */
export async function encodePrompts(
  input: z.output<typeof promptFold.input>,
  { artifacts, signal, workDir, heartbeat }: ComputeContext,
): Promise<EncodedPrompts> {
  const { corpus, protocol, shots, seed } = input;
  const reading = readings[input.read];
  const tagSet = resolveTagSet(input.tagSet);
  const splits: SplitName[] = [
    'test',
    ...(shots > 0 ? (['train'] as const) : []),
    ...(reading.calibrated ? (['valid'] as const) : []),
  ];
  const bySplit: Partial<Record<SplitName, Example[]>> = await examplesBySplit(artifacts, corpus, {
    rule: { protocol, tagSet },
    splits,
  });
  const { train = [], valid = [], test = [] } = bySplit;

  const { base, tokenizer, chat, context } = await languageModelFolder(
    artifacts,
    input.model,
    join(workDir, 'model'),
  );
  const demonstrations = chooseDemonstrations(train, { shots, seed });
  const prompt = initiativePrompt({ tokenizer, chat, tagSet, maxLength: input.maxLength, demonstrations });
  const asked = [...valid, ...test];
  const prompts = asked.map((example, i) => {
    signal.throwIfAborted();
    if (i % progressEvery === 0) heartbeat({ message: 'writing prompts', done: i, total: asked.length });
    return prompt.encode(example);
  });
  const needed = prompts.reduce((most, { length }) => Math.max(most, length), 0) + reading.room(prompt);
  if (needed > context) {
    throw new AppError(
      'PROMPT_CONTEXT_TOO_SMALL',
      `The model ${base.name} must have room for the instruction, ${shots} demonstrations, the longest conversation and the answer, ${needed} tokens. It has ${context}: ask with fewer demonstrations (shots) or shorter conversations (maxLength).`,
      {
        details: { needed, context, shots },
      },
    );
  }
  const file = join(workDir, 'prompts');
  await writePrompts(file, prompts);
  return {
    valid: valid.map(withoutWords),
    test: test.map(withoutWords),
    demonstrations: demonstrations.map(({ id }) => id),
    file,
    shared: commonBeginning(prompts),
    answers: prompt.answers,
    base,
  };
}

/** `encodePrompts` in a child process. */
export const encodePromptsInChild = inChild(import.meta.url, encodePrompts, { stage: 'promptFold:prompts' });

const progressEvery = 100; // prompts

function withoutWords({ id, conversationId, systemTurn, label }: Example): AskedExample {
  return { id, conversationId, systemTurn, label };
}
