import { trainingSettings } from '@overture/training-settings';
import { putJson } from '@overture/artifacts';

import type { ArtifactRef } from '@overture/protocol';
import type { Conversation } from '@overture/dialogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rule, runStage, storedCorpus, zugConversations, type Test } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyBaseStage } from './base-model.ts';
import { fineTuneStage } from './fine-tune.ts';
import { compareModelsStage, lookUpModelsStage, promoteStage } from './promotion.ts';
import { tokenizeStage } from './tokenize.ts';

let test: Test;
let corpus: ArtifactRef<'corpus'>;
let good: ArtifactRef<'bundle'>;
let poor: ArtifactRef<'bundle'>;

/** Half of the conversations are in the test split, so that chance has little influence. */
const halved = zugConversations.map((each, i): Conversation => ({
  ...each,
  split: i % 4 < 2 ? 'test' : 'train',
}));

beforeAll(async () => {
  test = await testServices();
  corpus = await storedCorpus(test, halved);
  const base = await runStage(test, createTinyBaseStage, { corpus, seed: 0 });
  const { tokens } = await runStage(test, tokenizeStage, {
    corpus,
    tokenizer: base.tokenizer,
    ...rule,
    maxLength: 32,
  });
  const train = async (settings: object) =>
    (
      await runStage(test, fineTuneStage, {
        tokens,
        weights: base.weights,
        tokenizer: base.tokenizer,
        config: base.config,
        base: 'tiny',
        ...rule,
        training: trainingSettings.parse({ batchSize: 8, maxLength: 32, ...settings }),
      })
    ).bundle;
  good = await train({ epochs: 8, learningRate: 2e-3 });
  poor = await train({ epochs: 1, learningRate: 1e-9, headStart: 'asGiven' });
});
afterAll(() => test[Symbol.asyncDispose]());

const examples = halved.filter(({ split }) => split === 'test');
const baselines = (probability: (label: boolean) => number) =>
  putJson(test.services.artifacts, 'floors', {
    split: 'test',
    exampleIds: examples.map(({ id }) => `${id}#0`),
    floors: [
      {
        name: 'rule',
        title: 'A rule',
        probabilities: examples.map(({ utterances }) => probability(utterances[1]?.initiative === true)),
      },
    ],
  });
const compare = async (changes: object = {}, baseline = () => 0) =>
  runStage(test, compareModelsStage, {
    candidate: { version: 2, bundle: good },
    champion: { version: 1, bundle: poor },
    corpus,
    corpusName: 'zug',
    floors: await baselines(baseline),
    ...rule,
    split: 'test',
    minimumRecall: { initiative: 0.3, noInitiative: 0.3 },
    significance: 0.05,
    bootstrapSamples: 200,
    ...changes,
  });

describe('compareModels', () => {
  it('passes a candidate that beats champion and floors beyond chance', async () => {
    const { passes, shortcomings, contests, macroF1, recall, report } = await compare();
    expect({ passes, shortcomings }).toEqual({ passes: true, shortcomings: [] });
    expect(contests.map(({ against, won }) => [against, won])).toEqual([
      ['rule', true],
      ['champion', true],
    ]);
    expect(contests[1]?.title).toBe('champion, version 1');
    expect(macroF1).toBeGreaterThan(0.8);
    expect(recall.initiative).toBeGreaterThan(0.7);
    expect((await test.services.artifacts.listTree(report)).has('report.html')).toBe(true);
  });

  it('says in sentences what a candidate lacks', async () => {
    const { passes, shortcomings } = await compare({
      candidate: { version: 2, bundle: poor },
      champion: { version: 1, bundle: good },
      minimumRecall: { initiative: 1, noInitiative: 1 },
    });
    expect(passes).toBe(false);
    expect(shortcomings).toContainEqual(
      expect.stringMatching(
        /^It is not significantly better than champion, version 1: macro-F1 -0\.\d+, p 0\.\d+\.$/,
      ),
    );
    expect(shortcomings).toContainEqual(
      expect.stringMatching(
        /^It finds \d+\.\d % of .+, and must find 100\.0 % \(minimumRecall\.(initiative|noInitiative)\)\.$/,
      ),
    );
  });

  it('needs no champion, and lets no model through that only equals it', async () => {
    expect((await compare({ champion: null })).contests.map(({ against }) => against)).toEqual(['rule']);
    expect((await compare({ champion: { version: 1, bundle: good } })).shortcomings).toEqual([
      'It is not significantly better than champion, version 1: macro-F1 0.000, p 1.000.',
    ]);
  });

  it('compares only models that learned the same', async () => {
    await expect(compare({ protocol: 'utterance' })).rejects.toMatchObject({
      code: 'MODELS_NOT_COMPARABLE',
      message: expect.stringContaining(
        'The candidate must have learned what is compared: protocol utterance',
      ),
    });
  });
});

describe('lookUpModels and promote', () => {
  it('find the champion as it is now, and let a yes move it', async () => {
    for (const bundle of [poor, good]) await test.services.registry.registerModel({ model: 'desk', bundle });
    expect(await runStage(test, lookUpModelsStage, { model: 'desk', alias: 'champion' })).toEqual({
      name: 'desk',
      candidate: { version: 2, bundle: good },
      champion: null,
    });
    const evidence = { contests: [], macroF1: 0.9, shortcomings: [], corpus: 'zug', split: 'test' };
    const decision = { approved: true, decidedBy: 'person', by: 'Ada', reason: 'the first' } as const;
    const yes = { model: 'desk', version: 1, alias: 'champion', decision, evidence };
    expect(await runStage(test, promoteStage, yes)).toEqual({
      promoted: true,
      previous: null,
      by: 'Ada',
      reason: 'the first',
    });
    expect(
      (await runStage(test, lookUpModelsStage, { model: 'desk', alias: 'champion' })).champion?.version,
    ).toBe(1);
    expect(
      await runStage(test, promoteStage, { ...yes, version: 2, decision: { ...decision, approved: false } }),
    ).toMatchObject({ promoted: false, previous: 1 });
    await expect(runStage(test, lookUpModelsStage, { model: 'desk@1', alias: 'champion' })).rejects.toThrow(
      'desk@1 is desk@champion already: name another version (model), or train one.',
    );
  });
});
