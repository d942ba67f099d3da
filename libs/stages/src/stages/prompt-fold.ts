import { promptFold, type SplitName } from '@overture/contracts';
import { AppError } from '@overture/core';
import { resolveTagSet, type Example } from '@overture/dialogue';
import { openLanguageModel } from '@overture/inference';
import { applyTemperature, fitTemperature, tuneThreshold } from '@overture/metrics';
import { commonBeginning, initiativePrompt, type InitiativePrompt } from '@overture/tokenization';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { z } from 'zod';
import { examplesBySplit } from '../corpus-artifact.ts';
import { costMetrics } from '../cost-metrics.ts';
import { implement } from '../implement.ts';
import { languageModelFolder, type LanguageModelFolder } from '../language-model-folder.ts';
import { putPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import type { Answer, Reading } from '../prompting/answer.ts';
import { openAnswerLog } from '../prompting/answer-log.ts';
import { askAll } from '../prompting/ask-all.ts';
import { chooseDemonstrations } from '../prompting/choose-demonstrations.ts';
import { readScores } from '../prompting/read-scores.ts';
import { readText } from '../prompting/read-text.ts';

type Input = z.output<typeof promptFold.input>;

/** One way to get an answer, one row. */
const readings: Readonly<Record<Input['read'], Reading>> = { scores: readScores, text: readText };

/** Asks a language model about the fold's own conversations, with demonstrations from the others. */
export const promptFoldStage = implement(promptFold, async (input, { artifacts, settings, signal, workDir, cacheKey, heartbeat, metrics, whenRecorded }) => {
  const { corpus, protocol, shots, seed, fold, precision } = input;
  const reading = readings[input.read];
  const tagSet = resolveTagSet(input.tagSet);
  const splits: SplitName[] = ['test', ...(shots > 0 ? (['train'] as const) : []), ...(reading.calibrated ? (['valid'] as const) : [])];
  const bySplit: Partial<Record<SplitName, Example[]>> = await examplesBySplit(artifacts, corpus, { rule: { protocol, tagSet }, splits });
  const { train = [], valid = [], test = [] } = bySplit;

  const model = await languageModelFolder(artifacts, input.model, join(workDir, 'model'));
  const demonstrations = chooseDemonstrations(train, { shots, seed });
  const prompt = initiativePrompt({ tokenizer: model.tokenizer, chat: model.chat, tagSet, maxLength: input.maxLength, demonstrations });
  const prompts = await encoded(prompt, [...valid, ...test]);
  checkRoom(prompts, reading.room(prompt), { model, shots });

  heartbeat({ message: 'opening the model' });
  if (input.adapter !== undefined) await artifacts.materialize(input.adapter, join(workDir, 'adapter'));
  await using asked = await openLanguageModel(model.base, { adapter: input.adapter && { folder: join(workDir, 'adapter') }, precision, threads: settings.threads, executionProvider: settings.executionProvider });
  const shared = commonBeginning(prompts);
  await using prefix = await asked.share(prompts[0]!.slice(0, shared));
  const file = join(settings.stateDir, 'answers', `${cacheKey.replace(':', '-')}.jsonl`);
  const answers = await askAll(reading, prompts.map((tokens) => tokens.slice(shared)), { model: asked, prompt }, {
    prefix, signal, log: await openAnswerLog(file), onProgress: (done, total) => heartbeat({ message: 'asking', done, total }),
  });
  whenRecorded(() => rm(file, { force: true }));

  metrics(costMetrics(promptFold.name, { ...asked.usage(), tokens: tokensOf(prompts, answers, shared) }));
  const { threshold, temperature } = calibration(valid, answers);
  const lines = test.map(({ id, conversationId, systemTurn, label }, i): OutOfFoldLine => {
    const { probability } = answers[valid.length + i]!;
    const line = { id, conversation: conversationId, turn: systemTurn, label, threshold, fold, seed };
    return probability === null ? { ...line, probability: 0, unparsable: true } : { ...line, probability: reading.calibrated ? applyTemperature(probability, temperature) : probability };
  });
  return {
    predictions: await putPredictions(artifacts, lines),
    examples: lines.length,
    unparsable: lines.filter(({ unparsable }) => unparsable).length,
    demonstrations: demonstrations.map(({ id }) => id),
    threshold, temperature,
  };
});

/** The prompts of examples. The event loop gets a turn in between, so that heartbeats go on. */
async function encoded(prompt: InitiativePrompt, examples: readonly Example[]): Promise<number[][]> {
  const prompts: number[][] = [];
  for (const example of examples) {
    prompts.push(prompt.encode(example));
    await breathe();
  }
  return prompts;
}

/** @throws AppError `PROMPT_CONTEXT_TOO_SMALL` */
function checkRoom(prompts: readonly (readonly number[])[], room: number, { model, shots }: { readonly model: LanguageModelFolder; readonly shots: number }): void {
  const needed = prompts.reduce((most, { length }) => Math.max(most, length), 0) + room;
  if (needed <= model.context) return;
  throw new AppError('PROMPT_CONTEXT_TOO_SMALL', `The model ${model.base.name} must have room for the instruction, ${shots} demonstrations, the longest conversation and the answer, ${needed} tokens. It has ${model.context}: ask with fewer demonstrations (shots) or shorter conversations (maxLength).`, {
    details: { needed, context: model.context, shots },
  });
}

/** What was computed: the shared beginning once, and of each prompt the rest and its answer. */
function tokensOf(prompts: readonly (readonly number[])[], answers: readonly Answer[], shared: number): number {
  return prompts.reduce((sum, { length }, i) => sum + length - shared + answers[i]!.tokens, shared);
}

/** From the validation split alone; without one, decisions are taken as they come. */
function calibration(valid: readonly Example[], answers: readonly Answer[]): { threshold: number; temperature: number } {
  if (valid.length === 0) return { threshold: 0.5, temperature: 1 };
  const labels = valid.map(({ label }) => label);
  const probabilities = valid.map((_, i) => answers[i]!.probability!); // scores are never without one
  const temperature = fitTemperature({ labels, probabilities });
  return { temperature, threshold: tuneThreshold({ labels, probabilities: probabilities.map((p) => applyTemperature(p, temperature)) }).threshold };
}
