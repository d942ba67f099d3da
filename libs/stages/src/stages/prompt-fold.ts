import { promptFold } from '@overture/contracts';
import { openLanguageModel } from '@overture/inference';
import { applyTemperature, fitTemperature, tuneThreshold } from '@overture/metrics';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { costMetrics } from '../cost-metrics.ts';
import { implement } from '../implement.ts';
import { putPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import type { Answer } from '../prompting/answer.ts';
import { openAnswerLog } from '../prompting/answer-log.ts';
import { askAll } from '../prompting/ask-all.ts';
import { readPrompts } from '../prompting/prompt-file.ts';
import { readings } from '../prompting/readings.ts';
import { encodePromptsInChild, type AskedExample } from './encode-prompts.ts';

/** Prompts a language model about the fold's own conversations, with demonstrations from the others. */
export const promptFoldStage = implement(promptFold, async (input, context) => {
  const { artifacts, settings, signal, workDir, cacheKey, heartbeat, metrics, whenRecorded } = context;
  const { seed, fold, precision } = input;
  const reading = readings[input.read];
  const {
    valid,
    test,
    demonstrations,
    file: promptFile,
    shared,
    answers: ofPrompt,
    base,
  } = await encodePromptsInChild(input, context);
  const prompts = await readPrompts(promptFile);

  heartbeat({ message: 'opening the model' });
  if (input.adapter !== undefined) await artifacts.materialize(input.adapter, join(workDir, 'adapter'));
  await using asked = await openLanguageModel(base, {
    adapter: input.adapter && { folder: join(workDir, 'adapter') },
    precision,
    threads: settings.threads,
    executionProvider: settings.executionProvider,
  });
  await using prefix = await asked.share(prompts[0]!.slice(0, shared));
  const file = join(settings.stateDir, 'answers', `${cacheKey.replace(':', '-')}.jsonl`);
  const answers = await askAll(
    reading,
    prompts.map((tokens) => tokens.slice(shared)),
    { model: asked, prompt: { answers: ofPrompt } },
    {
      prefix,
      signal,
      log: await openAnswerLog(file),
      onProgress: (done, total) => heartbeat({ message: 'asking', done, total }),
    },
  );
  whenRecorded(() => rm(file, { force: true }));

  metrics(costMetrics(promptFold.name, { ...asked.usage(), tokens: tokensOf(prompts, answers, shared) }));
  const { threshold, temperature } = calibration(valid, answers);
  const lines = test.map(({ id, conversationId, systemTurn, label }, i): OutOfFoldLine => {
    const { probability } = answers[valid.length + i]!;
    const line = { id, conversation: conversationId, turn: systemTurn, label, threshold, fold, seed };
    return probability === null
      ? { ...line, probability: 0, unparsable: true }
      : {
          ...line,
          probability: reading.calibrated ? applyTemperature(probability, temperature) : probability,
        };
  });
  return {
    predictions: await putPredictions(artifacts, lines),
    examples: lines.length,
    unparsable: lines.filter(({ unparsable }) => unparsable).length,
    demonstrations: [...demonstrations],
    threshold,
    temperature,
  };
});

/** The tokens computed: the shared prefix once, and for each prompt its remaining tokens and its answer. */
function tokensOf(
  prompts: readonly (readonly number[])[],
  answers: readonly Answer[],
  shared: number,
): number {
  return prompts.reduce((sum, { length }, i) => sum + length - shared + answers[i]!.tokens, shared);
}

/** Fitted on the validation split only. Without one, the threshold is 0.5 and the temperature 1. */
function calibration(
  valid: readonly AskedExample[],
  answers: readonly Answer[],
): { threshold: number; temperature: number } {
  if (valid.length === 0) return { threshold: 0.5, temperature: 1 };
  const labels = valid.map(({ label }) => label);
  const probabilities = valid.map((_, i) => answers[i]!.probability!); // scores always have a probability
  const temperature = fitTemperature({ labels, probabilities });
  return {
    temperature,
    threshold: tuneThreshold({
      labels,
      probabilities: probabilities.map((p) => applyTemperature(p, temperature)),
    }).threshold,
  };
}
