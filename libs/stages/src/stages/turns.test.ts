import type { ArtifactRef } from '@overture/protocol';
import type { Conversation } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { readPredictions } from '../out-of-fold.ts';
import { rule, runStage, storedCorpus, zugConversations, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyBaseStage } from './base-model.ts';
import { drawFoldsStage, selectFoldStage } from './folds.ts';
import { embedTurnsStage, predictFromTurnsStage } from './turns.ts';

async function predicted(
  test: Test,
  content: readonly Conversation[],
  base: Awaited<ReturnType<typeof baseOf>>,
  features: 'text' | 'history',
) {
  const corpus = await storedCorpus(test, content);
  const { folds } = await runStage(test, drawFoldsStage, {
    corpus: await storedCorpus(test, zugConversations),
    ...rule,
    splits: ['train'],
    folds: 2,
    innerFolds: 4,
    seed: 0,
  });
  const taken = (await runStage(test, selectFoldStage, { corpus, folds, fold: 1 })).corpus;
  const { turns } = await runStage(test, embedTurnsStage, {
    corpus,
    ...base,
    protocol: rule.protocol,
    maxLength: 32,
  });
  const { predictions } = await runStage(test, predictFromTurnsStage, {
    turns,
    corpus: taken,
    ...rule,
    features,
    fold: 1,
    seed: 0,
  });
  return { taken, turns, lines: await readPredictions(test.services.artifacts, predictions) };
}

async function baseOf(test: Test): Promise<{
  weights: ArtifactRef<'weights'>;
  tokenizer: ArtifactRef<'tokenizer'>;
  config: ArtifactRef<'model-config'>;
}> {
  const { weights, tokenizer, config } = await runStage(test, createTinyBaseStage, {
    corpus: await storedCorpus(test, zugConversations),
    seed: 0,
  });
  return { weights, tokenizer, config };
}

describe('predictions from turns', () => {
  it.each(['text', 'history'] as const)(
    'cover the fold, and tell vague openings from clear ones by %s',
    async (features) => {
      await using test = await testServices();
      const { lines } = await predicted(test, zugConversations, await baseOf(test), features);
      expect(lines).toHaveLength(22);
      expect(
        lines.every(
          ({ fold, seed, threshold }) => fold === 1 && seed === 0 && threshold > 0 && threshold < 1,
        ),
      ).toBe(true);
      const right = lines.filter(
        ({ probability, threshold, label }) => Number(probability >= threshold) === label,
      ).length;
      expect(right).toBeGreaterThanOrEqual(20);
    },
  );

  it('learn nothing from the evaluated fold: altering one of its conversations alters its own prediction only', async () => {
    await using test = await testServices();
    const base = await baseOf(test);
    const before = await predicted(test, zugConversations, base, 'history');
    const { conversation, label } = before.lines[0]!;
    const altered = zugConversations.map((each) =>
      each.id !== conversation
        ? each
        : {
            ...each,
            utterances: [
              { role: 'user', text: 'something else entirely, and longer than it was before' } as const,
              { role: 'system', text: 'Quite so?', initiative: label === 0 } as const,
            ],
          },
    );
    const after = await predicted(test, altered, base, 'history');
    expect(after.taken.digest).not.toBe(before.taken.digest);
    expect(after.lines[0]).not.toEqual(before.lines[0]);
    expect(after.lines.slice(1)).toEqual(before.lines.slice(1));
  });

  it('say which conversation has no vectors', async () => {
    await using test = await testServices();
    const base = await baseOf(test);
    const { taken } = await predicted(test, zugConversations, base, 'text');
    const { turns } = await runStage(test, embedTurnsStage, {
      corpus: await storedCorpus(test, zugConversations.slice(0, 3)),
      ...base,
      protocol: rule.protocol,
      maxLength: 32,
    });
    await expect(
      runStage(test, predictFromTurnsStage, {
        turns,
        corpus: taken,
        ...rule,
        features: 'text',
        fold: 1,
        seed: 0,
      }),
    ).rejects.toMatchObject({ code: 'TURNS_MISFIT', retryable: false });
  });
});
