import { fineTuneAnswers } from '@overture/contracts';
import { AppError } from '@overture/core';
import { resolveTagSet } from '@overture/dialogue';
import { encodeTokenSet, initiativePrompt, promptAnswerTokens, type PromptAnswer } from '@overture/tokenization';
import { fineTuneOutputs } from '@overture/training';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { examplesBySplit } from '../corpus-artifact.ts';
import { costMetrics } from '../cost-metrics.ts';
import { implement } from '../implement.ts';
import { languageModelFolder } from '../language-model-folder.ts';
import { trainInChild } from '../train-in-child.ts';

/** Fine-tunes a language model with adapters to write the answer to the prompt without demonstrations; the loss is on the answer alone. */
export const fineTuneAnswersStage = implement(fineTuneAnswers, async (input, context) => {
  const { artifacts, workDir, metrics } = context;
  const tagSet = resolveTagSet(input.tagSet);
  const bySplit = await examplesBySplit(artifacts, input.corpus, { rule: { protocol: input.protocol, tagSet }, splits: ['train', 'valid'] });
  const { base, tokenizer, chat, network, context: positions } = await languageModelFolder(artifacts, input.model, join(workDir, 'model'));

  const prompt = initiativePrompt({ tokenizer, chat, tagSet, maxLength: input.maxLength });
  const answered: PromptAnswer[] = [];
  for (const split of ['train', 'valid'] as const) {
    for (const example of bySplit[split]) {
      answered.push({ ...prompt.encodeAnswered(example, example.label), split, id: example.id });
      await breathe(); // heartbeats go on
    }
  }
  const lengths = answered.map((each) => each.prompt.length + each.answer.length);
  const maxLength = lengths.reduce((most, length) => Math.max(most, length), 0);
  if (maxLength > positions) {
    throw new AppError('PROMPT_CONTEXT_TOO_SMALL', `The model ${base.name} must have room for the instruction, the longest conversation and the answer, ${maxLength} tokens. It has ${positions}: use shorter conversations (maxLength).`, { details: { needed: maxLength, context: positions } });
  }
  const [tokens, output] = [join(workDir, 'tokens'), join(workDir, 'trained')];
  await writeFile(tokens, encodeTokenSet(promptAnswerTokens(answered, { vocabSize: network.size.vocabSize, padId: tokenizer.padId, maxLength })));

  const trained = await trainInChild({ task: 'causal', tokens, weights: base.files.weights, modelConfig: base.files.config, output, config: { ...input.training, maxLength } }, fineTuneAnswers.name, context);
  metrics(costMetrics(fineTuneAnswers.name, { tokens: trained.history.length * lengths.reduce((sum, length) => sum + length, 0) }));
  return {
    adapter: await artifacts.putTree('adapter', join(output, fineTuneOutputs.adapter)),
    log: await artifacts.put('training-log', createReadStream(join(output, fineTuneOutputs.log))),
    summary: { steps: trained.steps, bestEpoch: trained.bestEpoch, validLoss: trained.history[trained.bestEpoch - 1]?.validLoss ?? null },
  };
});
