import { trainingSettings } from '@overture/training-settings';
import { decodeTokenSet } from '@overture/tokenization';
import { describe, expect, it } from 'vitest';
import { rule, runStage, storedCorpus, zugConversations } from '../testing/run-stage.ts';
import { testServices } from '../testing/services.ts';
import { createTinyBaseStage } from './base-model.ts';
import { rankTrialsStage, subsampleTokensStage } from './sweep.ts';
import { tokenizeStage } from './tokenize.ts';

describe('thinTokens', () => {
  it('takes whole conversations of the training split only, a larger share all of a smaller one', async () => {
    await using test = await testServices();
    const corpus = await storedCorpus(test, zugConversations);
    const { tokenizer } = await runStage(test, createTinyBaseStage, { corpus, seed: 0 });
    const { tokens } = await runStage(test, tokenizeStage, { corpus, tokenizer, ...rule, maxLength: 32 });
    const idsAt = async (share: number): Promise<string[]> =>
      decodeTokenSet(
        await test.services.artifacts.readBytes(
          (await runStage(test, subsampleTokensStage, { tokens, share, seed: 3 })).tokens,
        ),
        'x',
      ).exampleIds as string[];
    const [quarter, half, whole] = [await idsAt(0.25), await idsAt(0.5), await idsAt(1)];
    expect([quarter.length, half.length, whole.length]).toEqual([11 + 4, 22 + 4, 48]);
    expect(quarter.filter((id) => !half.includes(id))).toEqual([]);
    const ofTest = zugConversations.filter(({ split }) => split === 'test').map(({ id }) => `${id}#0`);
    expect(ofTest.filter((id) => !quarter.includes(id))).toEqual([]);
    await expect(idsAt(0.01)).rejects.toMatchObject({
      code: 'SHARE_TOO_SMALL',
      message: expect.stringContaining('1.0 % of 44 has one: raise smallestShare'),
    });
  });
});

describe('rankTrials', () => {
  const training = trainingSettings.parse({});
  const results = [
    [0, 0.5],
    [1, undefined],
    [2, 0.7],
    [3, 0.5],
    [4, null],
  ].map(([trial, score]) => ({ trial: trial!, training, share: 0.5, score }));

  it('lets the best go on, of equals the first, and never one that failed', async () => {
    await using test = await testServices();
    const ranked = await runStage(test, rankTrialsStage, { results, keep: 2 });
    expect(ranked.survivors.map(({ trial }) => trial)).toEqual([2, 0]);
    expect(ranked.best).toMatchObject({ trial: 2, score: 0.7 });
    expect(ranked.ranking.map(({ trial, goesOn }) => [trial, goesOn])).toEqual([
      [2, true],
      [0, true],
      [3, false],
      [1, false],
      [4, false],
    ]);
    expect(
      (await runStage(test, rankTrialsStage, { results, keep: 5 })).survivors.map(({ trial }) => trial),
    ).toEqual([2, 0, 3]);
  });

  it('says where to look when all have failed', async () => {
    await using test = await testServices();
    await expect(runStage(test, rankTrialsStage, { results: results.slice(1, 2), keep: 1 })).rejects.toThrow(
      'At least one of the 1 trials must have a score on the validation split. None has: look at the trials',
    );
  });
});
