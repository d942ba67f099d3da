import { trainingSettings } from '@overture/training-settings';
import { putJson } from '@overture/artifacts';

import type { ArtifactRef } from '@overture/protocol';
import type { Conversation } from '@overture/dialogue';
import { evaluateScores } from '@overture/metrics';
import { decodeTokenSet } from '@overture/tokenization';
import type { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { readFolds } from '../folds-artifact.ts';
import { putPredictions, readPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import { costsOf, rule, runStage, storedCorpus, zugConversations, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyBaseStage } from './base-model.ts';
import { drawFoldsStage, predictFoldStage, selectFoldStage, takeFoldTokensStage } from './folds.ts';
import { fineTuneStage } from './fine-tune.ts';
import { poolFoldsStage } from './pool-folds.ts';
import { tokenizeStage } from './tokenize.ts';

const draw = (test: Test, corpus: ArtifactRef<'corpus'>, folds = 3) =>
  runStage(test, drawFoldsStage, { corpus, ...rule, splits: ['train'], folds, innerFolds: 4, seed: 0 });

describe('folds of a corpus', () => {
  it('hold the chosen splits only, each conversation evaluated once', async () => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    const { folds, counts } = await draw(test, corpus);
    expect(counts.reduce((sum, each) => sum + each.conversations, 0)).toBe(44);
    expect(counts.map(({ initiative }) => initiative).sort()).toEqual([8, 8, 8]);
    const seen: string[] = [];
    for (const fold of [0, 1, 2]) {
      const { corpus: taken } = await runStage(test, selectFoldStage, { corpus, folds, fold });
      const lines = new TextDecoder()
        .decode(await test.services.artifacts.readBytes(taken))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Conversation);
      expect(lines).toHaveLength(44);
      expect(lines.filter(({ split }) => split === 'valid').length).toBeGreaterThan(4);
      seen.push(...lines.filter(({ split }) => split === 'test').map(({ id }) => id));
    }
    expect(seen.sort()).toEqual(
      zugConversations
        .filter(({ split }) => split === 'train')
        .map(({ id }) => id)
        .sort(),
    );
    await expect(runStage(test, selectFoldStage, { corpus, folds, fold: 3 })).rejects.toThrow(
      'A fold must be one of 0 to 2. Got 3 instead.',
    );
  });

  it('say before hours are spent what the corpus is too small for', async () => {
    await using test = await testServices();
    await expect(draw(test, await storedCorpus(test, zugConversations.slice(0, 6)), 5)).rejects.toMatchObject(
      { code: 'FOLDS_ONE_CLASS', retryable: false },
    );
    await expect(draw(test, await storedCorpus(test, zugConversations.slice(0, 3)), 5)).rejects.toMatchObject(
      { code: 'FOLDS_TOO_MANY' },
    );
    await expect(
      draw(
        test,
        await storedCorpus(
          test,
          zugConversations.filter(({ split }) => split === 'test'),
        ),
        2,
      ),
    ).rejects.toMatchObject({ code: 'SPLIT_EMPTY' });
  });
});

describe('a conversation of the evaluated fold', () => {
  const training = trainingSettings.parse({
    epochs: 2,
    learningRate: 1e-3,
    batchSize: 8,
    maxLength: 32,
    int8LargestDrop: 0,
  });

  /**
   * The stages of `crossValidateFold`, with a tiny base created in the fold or, if given, an external base
   * and shared tokens.
   */
  async function trained(
    test: Test,
    corpus: ArtifactRef<'corpus'>,
    folds: ArtifactRef<'folds'>,
    shared?: z.output<typeof createTinyBaseStage.contract.output>,
  ) {
    const taken = (await runStage(test, selectFoldStage, { corpus, folds, fold: 1 })).corpus;
    const base = shared ?? (await runStage(test, createTinyBaseStage, { corpus: taken, seed: 0 }));
    const { tokens } =
      shared === undefined
        ? await runStage(test, tokenizeStage, {
            corpus: taken,
            tokenizer: base.tokenizer,
            ...rule,
            maxLength: 32,
          })
        : await runStage(test, takeFoldTokensStage, {
            tokens: (
              await runStage(test, tokenizeStage, {
                corpus,
                tokenizer: base.tokenizer,
                ...rule,
                maxLength: 32,
              })
            ).tokens,
            folds,
            fold: 1,
          });
    const { bundle, summary } = await runStage(test, fineTuneStage, {
      tokens,
      weights: base.weights,
      tokenizer: base.tokenizer,
      config: base.config,
      base: base.name,
      ...rule,
      training,
    });
    const { predictions } = await runStage(test, predictFoldStage, {
      bundle,
      corpus: taken,
      ...rule,
      fold: 1,
      seed: 0,
    });
    expect(costsOf(test.services.registry.executions.at(-1))).toEqual(['cpuSeconds', 'peakBytes', 'tokens']);
    return { base, tokens, bundle, summary, predictions };
  }

  it('reaches neither training, vocabulary, weights nor threshold: whatever it says and however it is labeled, the bundle has the same bytes', async () => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    const { folds } = await draw(test, corpus);
    const { places } = await readFolds(test.services.artifacts, folds);
    const evaluated = zugConversations.filter(({ id }) => places.get(id)?.fold === 1);
    const altered = await storedCorpus(
      test,
      zugConversations.map((each) =>
        evaluated.includes(each)
          ? {
              ...each,
              utterances: each.utterances.map((said) => ({
                ...said,
                text: `quite other words ${said.text.length}`,
                ...(said.role === 'system' && { initiative: !said.initiative }),
              })),
            }
          : each,
      ),
    );

    const [before, after] = [await trained(test, corpus, folds), await trained(test, altered, folds)];
    expect(after.bundle).toEqual(before.bundle);
    expect(after.summary).toEqual(before.summary);
    expect(after.predictions).not.toEqual(before.predictions);
    const vocabulary = new TextDecoder().decode(
      await test.services.artifacts.readBytes(before.base.tokenizer),
    );
    expect(vocabulary).not.toBe('');
    expect(after.base.tokenizer).toEqual(before.base.tokenizer);

    const elsewhere = await runStage(test, createTinyBaseStage, {
      corpus: await storedCorpus(test, zugConversations.slice(0, 4)),
      seed: 1,
    });
    const [sharedBefore, sharedAfter] = [
      await trained(test, corpus, folds, elsewhere),
      await trained(test, altered, folds, elsewhere),
    ];
    expect(sharedAfter.bundle).toEqual(sharedBefore.bundle);
    const { exampleIds, splits, splitNames } = decodeTokenSet(
      await test.services.artifacts.readBytes(sharedBefore.tokens),
      'tokens',
    );
    const inTraining = exampleIds
      .filter((_, i) => splitNames[splits[i]!] !== 'test')
      .map((id) => id.split('#')[0]);
    expect(inTraining.filter((id) => evaluated.some((each) => each.id === id))).toEqual([]);
    expect(inTraining).toHaveLength(44 - evaluated.length);
  });
});

describe('poolFolds', () => {
  async function parts(test: Test, folds: ArtifactRef<'folds'>) {
    const { places } = await readFolds(test.services.artifacts, folds);
    const made = [];
    for (const seed of [4, 5]) {
      for (const fold of [0, 1, 2]) {
        const lines = [...places.values()]
          .filter((place) => place.fold === fold)
          .map(({ id }): OutOfFoldLine => {
            const i = Number(id.slice(1));
            return {
              id: `${id}#0`,
              conversation: id,
              turn: 0,
              label: i % 2 === 0 ? 1 : 0,
              probability: ((i * (seed + 3)) % 11) / 10.5,
              threshold: 0.4 + fold / 10,
              fold,
              seed,
            };
          });
        const baselines = await putJson(test.services.artifacts, 'floors', {
          split: 'test',
          exampleIds: lines.map(({ id }) => id),
          floors: [
            {
              name: 'half',
              title: 'Half',
              probabilities: lines.map(({ conversation }) => (Number(conversation.slice(1)) % 3) / 2),
            },
          ],
        });
        made.push({
          fold,
          seed,
          lines,
          predictions: await putPredictions(test.services.artifacts, lines),
          floors: baselines,
        });
      }
    }
    return made;
  }
  const given = ({
    fold,
    seed,
    predictions,
    floors: baselines,
  }: Awaited<ReturnType<typeof parts>>[number]) => ({
    fold,
    seed,
    predictions,
    floors: baselines,
  });
  const about = { corpusName: 'zug', base: 'tiny', seeds: [4, 5], ...rule, bootstrapSamples: 100 };

  it('gives the metrics of the concatenated predictions, and keeps these', async () => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    const { folds } = await draw(test, corpus);
    const made = await parts(test, folds);
    const { predictions, summary, report } = await runStage(test, poolFoldsStage, {
      ...about,
      corpus,
      folds,
      parts: made.map(given).reverse(),
    });
    const lines = await readPredictions(test.services.artifacts, predictions);
    expect(lines).toHaveLength(88);
    expect(new Set(lines.map(({ seed, id }) => `${seed} ${id}`)).size).toBe(88);
    const scores = evaluateScores(
      {
        labels: lines.map(({ label }) => label),
        probabilities: lines.map(({ probability }) => probability),
        groups: lines.map(({ conversation }) => conversation),
      },
      { bootstrap: { samples: 100, seed: 0 } },
    );
    expect(summary).toMatchObject(JSON.parse(JSON.stringify(scores)));
    expect(summary.crossValidation.folds).toHaveLength(6);
    expect(summary.crossValidation.tests).toMatchObject([
      { name: 'half', title: 'Half', mcnemar: [{ seed: 4 }, { seed: 5 }] },
    ]);
    expect(summary.bootstrap.groups).toBe(44);
    expect(
      test.services.registry.executions.at(-1)?.metrics?.filter(({ scope }) => scope.startsWith('seed')),
    ).toHaveLength(4);
    expect(report.kind).toBe('report');
  });

  it('takes no smaller pool for the whole', async () => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    const { folds } = await draw(test, corpus);
    const made = await parts(test, folds);
    await expect(
      runStage(test, poolFoldsStage, { ...about, corpus, folds, parts: made.slice(1).map(given) }),
    ).rejects.toThrow(
      'A pool must have each of its 6 folds once. Missing: fold 0 of seed 4. Without one the pool would be smaller and pass for the whole.',
    );
    await expect(
      runStage(test, poolFoldsStage, { ...about, corpus, folds, parts: [...made, made[0]!].map(given) }),
    ).rejects.toThrow('Unexpected or twice: fold 0 of seed 4.');
    const [first, ...rest] = made;
    const short = {
      ...given(first!),
      predictions: await putPredictions(test.services.artifacts, first!.lines.slice(1)),
    };
    await expect(
      runStage(test, poolFoldsStage, { ...about, corpus, folds, parts: [short, ...rest.map(given)] }),
    ).rejects.toThrow(`${first!.lines[0]!.id} has no prediction in fold 0 of seed 4`);
    const foreign = {
      ...given(first!),
      predictions: await putPredictions(test.services.artifacts, [
        ...first!.lines,
        { ...rest[0]!.lines[0]!, fold: 0 },
      ]),
    };
    await expect(
      runStage(test, poolFoldsStage, { ...about, corpus, folds, parts: [foreign, ...rest.map(given)] }),
    ).rejects.toThrow(`${rest[0]!.lines[0]!.id} was predicted in fold 0 of seed 4, where it does not belong`);
  });
});
