import { fitTurnModel, type LabeledView } from '@overture/baselines';
import { embedTurns, predictFromTurns } from '@overture/contracts';
import { resolveTagSet, turnsOf, type Example } from '@overture/dialogue';
import { applyTemperature, fitTemperature, tuneThreshold } from '@overture/metrics';
import { loadTokenizer, textEncoder } from '@overture/tokenization';
import { poolInChild } from '@overture/training';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { artifactBytes, inChild } from '../compute/in-child.ts';
import { costMetrics } from '../cost-metrics.ts';
import { corpusConversations, examplesBySplit } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';
import { putPredictions } from '../out-of-fold.ts';
import { putTurnVectors, readTurnViews } from '../turn-vectors.ts';

/**
 * Embeds every turn by itself: the mean over its tokens, scaled to length 1. Nothing is learned, so all folds
 * can share the result.
 */
export async function embedEachTurn(
  {
    corpus,
    weights,
    tokenizer: tokenizerRef,
    config,
    protocol,
    maxLength,
  }: z.output<typeof embedTurns.input>,
  { artifacts, settings, signal, workDir, heartbeat, metrics }: ComputeContext,
): Promise<z.output<typeof embedTurns.output>> {
  const [weightsFile, modelConfig] = ['weights', 'config.json'].map((name) => join(workDir, name)) as [
    string,
    string,
  ];
  await artifacts.materialize(weights, weightsFile);
  await artifacts.materialize(config, modelConfig);
  const tokenizer = loadTokenizer(await artifacts.readBytes(tokenizerRef));
  const encode = textEncoder(tokenizer, { maxLength });
  const conversations: [string, number][] = [];
  const texts: string[] = [];
  for await (const { id, utterances } of corpusConversations(artifacts, corpus)) {
    const turns = turnsOf(utterances, protocol);
    conversations.push([id, turns.length]);
    texts.push(...turns.map(({ text }) => text.replace(/\s+/g, ' ').trim()));
  }
  const sequences = texts.map((text) => Int32Array.from(encode(text).ids));
  const pooled = await poolInChild(
    {
      weights: weightsFile,
      modelConfig,
      sequences,
      pooling: 'mean',
      threads: settings.threads,
      executionProvider: settings.executionProvider,
    },
    {
      signal,
      onProgress: (progress) => heartbeat({ message: 'embedding turns', ...progress }),
      onUsage: (usage) =>
        metrics(
          costMetrics(embedTurns.name, {
            ...usage,
            tokens: sequences.reduce((sum, { length }) => sum + length, 0),
          }),
        ),
    },
  );
  const turns = await putTurnVectors(artifacts, {
    conversations,
    vectors: unitRows(pooled, texts.length),
    words: Int32Array.from(texts, (text) => text.split(' ').length),
    questions: Uint8Array.from(texts, (text) => Number(text.includes('?'))),
  });
  return { turns, count: texts.length };
}

/** `embedEachTurn` in a child process. */
export const embedTurnsStage = implement(
  embedTurns,
  inChild(import.meta.url, embedEachTurn, { stage: embedTurns.name }),
);

/**
 * Fits on the fold's training conversations, tunes threshold and temperature on its inner validation split,
 * and predicts its own conversations.
 */
export async function predictTurns(
  {
    turns,
    corpus,
    protocol,
    tagSet: tagSetInput,
    features,
    fold,
    seed,
  }: z.output<typeof predictFromTurns.input>,
  { artifacts, heartbeat }: ComputeContext,
): Promise<z.output<typeof predictFromTurns.output>> {
  const tagSet = resolveTagSet(tagSetInput);
  const viewsOf = await readTurnViews(artifacts, turns);
  const viewed = (examples: readonly Example[]): LabeledView[] =>
    examples.map((example) => ({
      ...example,
      views: viewsOf(example.conversationId).slice(0, example.history.length),
    }));
  const { train, valid, test } = await examplesBySplit(artifacts, corpus, {
    rule: { protocol, tagSet },
    splits: ['train', 'valid', 'test'],
  });
  const model = await fitTurnModel(viewed(train), {
    features,
    tagSet,
    seed,
    onFit: async (done, total) => {
      heartbeat({ message: 'fitting logistic regression', done, total });
      await breathe(); // other activities of this worker need to send heartbeats
    },
  });
  const inner = { labels: valid.map(({ label }) => label), probabilities: model.predict(viewed(valid)) };
  const temperature = fitTemperature(inner);
  const scaled = (probabilities: Float64Array): Float64Array =>
    probabilities.map((p) => applyTemperature(p, temperature));
  const { threshold } = tuneThreshold({ ...inner, probabilities: scaled(inner.probabilities) });
  const said = scaled(model.predict(viewed(test)));
  const lines = test.map(({ id, conversationId, systemTurn, label }, i) => ({
    id,
    conversation: conversationId,
    turn: systemTurn,
    label,
    probability: said[i]!,
    threshold,
    fold,
    seed,
  }));
  return { predictions: await putPredictions(artifacts, lines), examples: lines.length };
}

/** `predictTurns` in a child process. */
export const predictFromTurnsStage = implement(
  predictFromTurns,
  inChild(import.meta.url, predictTurns, {
    stage: predictFromTurns.name,
    work: (input) => 20 * artifactBytes(input),
  }),
);

function unitRows(rows: Float32Array, count: number): Float32Array {
  const width = rows.length / count;
  const units = rows.slice();
  for (let row = 0; row < count; row++) {
    const unit = units.subarray(row * width, (row + 1) * width);
    const length = Math.sqrt(unit.reduce((sum, x) => sum + x * x, 0)) || 1;
    unit.forEach((x, i) => (unit[i] = x / length));
  }
  return units;
}
