import { putJson } from '@overture/artifacts';
import { drawFolds, predictFold, selectFold, takeFoldTokens } from '@overture/contracts';
import { AppError } from '@overture/core';
import {
  examplesOf,
  fingerprintsOf,
  formatConversationLine,
  planFolds,
  resolveTagSet,
  type Conversation,
  type FoldMember,
} from '@overture/dialogue';
import { openPredictor } from '@overture/inference';
import { decodeTokenSet, encodeTokenSet, withSplitsOf } from '@overture/tokenization';
import { join } from 'node:path';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { corpusConversations, examplesBySplit } from '../corpus-artifact.ts';
import { costMetrics } from '../cost-metrics.ts';
import { splitsOfFold } from '../folds-artifact.ts';
import { implement } from '../implement.ts';
import { putPredictions } from '../out-of-fold.ts';

/** Assigns the conversations of some splits to folds that are balanced in both classes. */
export async function dealFolds(
  { corpus, protocol, tagSet, splits, folds, innerFolds, seed }: z.output<typeof drawFolds.input>,
  { artifacts }: ComputeContext,
): Promise<z.output<typeof drawFolds.output>> {
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  const members: FoldMember[] = [];
  for await (const conversation of corpusConversations(artifacts, corpus)) {
    if (conversation.split === undefined || !splits.includes(conversation.split)) continue;
    members.push({
      id: conversation.id,
      fingerprints: fingerprintsOf(conversation),
      labels: examplesOf(conversation, rule).map(({ label }) => label),
    });
  }
  if (members.length === 0)
    throw new AppError(
      'SPLIT_EMPTY',
      `The corpus must have conversations in its splits ${splits.join(', ')}. Got none: name others (splits).`,
    );
  const conversations = planFolds(members, { folds, innerFolds, seed });
  return {
    folds: await putJson(artifacts, 'folds', { folds, conversations }),
    counts: Array.from({ length: folds }, (_, fold) => {
      const own = members.filter((_member, i) => conversations[i]?.fold === fold);
      const labels = own.flatMap((member) => member.labels);
      return {
        fold,
        conversations: own.length,
        examples: labels.length,
        initiative: labels.filter((label) => label === 1).length,
      };
    }),
  };
}

/** `dealFolds` in a child process. */
export const drawFoldsStage = implement(
  drawFolds,
  inChild(import.meta.url, dealFolds, { stage: drawFolds.name }),
);

/** The corpus of one fold: the fold's own conversations are its test split. */
export async function corpusOfFold(
  { corpus, folds, fold }: z.output<typeof selectFold.input>,
  { artifacts }: ComputeContext,
): Promise<z.output<typeof selectFold.output>> {
  const splitOf = await splitsOfFold(artifacts, folds, fold);
  return { corpus: await artifacts.put('corpus', lines(corpusConversations(artifacts, corpus), splitOf)) };
}

/** `corpusOfFold` in a child process. */
export const selectFoldStage = implement(
  selectFold,
  inChild(import.meta.url, corpusOfFold, { stage: selectFold.name }),
);

async function* lines(
  conversations: AsyncIterable<Conversation>,
  splitOf: Awaited<ReturnType<typeof splitsOfFold>>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const conversation of conversations) {
    const split = splitOf(conversation.id);
    if (split !== undefined) yield encoder.encode(`${formatConversationLine({ ...conversation, split })}\n`);
  }
}

/** A shared token set with the splits of one fold. */
export async function tokensOfFold(
  { tokens, folds, fold }: z.output<typeof takeFoldTokens.input>,
  { artifacts }: ComputeContext,
): Promise<z.output<typeof takeFoldTokens.output>> {
  const whole = decodeTokenSet(await artifacts.readBytes(tokens), `tokens ${tokens.digest}`);
  return {
    tokens: await artifacts.put(
      'tokens',
      encodeTokenSet(withSplitsOf(whole, await splitsOfFold(artifacts, folds, fold))),
    ),
  };
}

/** `tokensOfFold` in a child process. */
export const takeFoldTokensStage = implement(
  takeFoldTokens,
  inChild(import.meta.url, tokensOfFold, { stage: takeFoldTokens.name }),
);

/**
 * Predicts the fold's own conversations with the model that was not trained on them, exactly as in service.
 */
export async function predictOwnFold(
  { bundle, corpus, protocol, tagSet, fold, seed }: z.output<typeof predictFold.input>,
  { artifacts, settings, signal, workDir, heartbeat, metrics }: ComputeContext,
): Promise<z.output<typeof predictFold.output>> {
  const { test: examples } = await examplesBySplit(artifacts, corpus, {
    rule: { protocol, tagSet: resolveTagSet(tagSet) },
    splits: ['test'],
  });
  const bundleDir = join(workDir, 'bundle');
  await artifacts.materialize(bundle, bundleDir);
  await using predictor = await openPredictor(bundleDir, {
    threads: settings.threads,
    executionProvider: settings.executionProvider,
  });
  const predictions = await predictor.predict(examples, {
    signal,
    onProgress: (done, total) => heartbeat({ message: 'predicting', done, total }),
  });
  metrics(costMetrics(predictFold.name, predictor.usage()));
  const said = examples.map(({ id, conversationId, systemTurn, label }, i) => {
    const { probability, threshold } = predictions[i]!;
    return { id, conversation: conversationId, turn: systemTurn, label, probability, threshold, fold, seed };
  });
  return { predictions: await putPredictions(artifacts, said), examples: said.length };
}

/** `predictOwnFold` in a child process. */
export const predictFoldStage = implement(
  predictFold,
  inChild(import.meta.url, predictOwnFold, {
    stage: predictFold.name,
    work: ({ corpus, bundle }) => corpus.bytes + bundle.bytes / 32,
  }),
);
