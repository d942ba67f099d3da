import type { Example } from '@overture/dialogue';
import type { LanguageModel } from '@overture/inference';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Reading } from './answer.ts';
import { openAnswerLog } from './answer-log.ts';
import { askAll } from './ask-all.ts';
import { chooseDemonstrations } from './choose-demonstrations.ts';
import { readScores } from './read-scores.ts';
import { readText } from './read-text.ts';

/** Two examples of each conversation; every third has the label 1. */
const train = Array.from({ length: 30 }, (_, i): Example => {
  const conversationId = `c${i >> 1}`;
  return {
    id: `${conversationId}#${i % 2}`,
    conversationId,
    systemTurn: i % 2,
    history: [],
    label: i % 3 === 0 ? 1 : 0,
    tags: [],
  };
});

describe('chooseDemonstrations', () => {
  it('takes both classes in turn, no conversation twice, by seed', () => {
    const chosen = chooseDemonstrations(train, { shots: 6, seed: 1 });
    expect(chosen.map(({ label }) => label).sort()).toEqual([0, 0, 0, 1, 1, 1]);
    expect(new Set(chosen.map(({ conversationId }) => conversationId)).size).toBe(6);
    expect(chooseDemonstrations(train, { shots: 6, seed: 1 })).toEqual(chosen);
    expect(chooseDemonstrations(train, { shots: 6, seed: 2 })).not.toEqual(chosen);
    expect(chooseDemonstrations(train, { shots: 0, seed: 1 })).toEqual([]);
  });

  it('goes on with the other class when one is used up, and says when there are too few conversations', () => {
    const rare = train.filter(({ label }, i) => label === 0 || i === 0);
    expect(chooseDemonstrations(rare, { shots: 8, seed: 0 }).filter(({ label }) => label === 1)).toHaveLength(
      1,
    );
    expect(() => chooseDemonstrations(train, { shots: 16, seed: 0 })).toThrow(
      'A prompt with 16 demonstrations must have as many conversations to take them from. The training split has 15: use fewer (shots).',
    );
  });
});

describe('readings', () => {
  const prompt = {
    answers: [
      [7, 8, 1, 9],
      [7, 8, 2, 9],
    ],
  } as const;
  const asking = (model: Partial<LanguageModel>) => ({ model: model as LanguageModel, prompt });
  const scored = (logProbability: number) => ({ logProbability, byToken: [logProbability] });

  it('scores: the share of one answer in both, what they begin with read with the prompt', async () => {
    const score: LanguageModel['score'] = (requests) => {
      expect(requests).toEqual([
        {
          prompt: [5, 7, 8],
          answers: [
            [1, 9],
            [2, 9],
          ],
        },
      ]);
      return Promise.resolve([[scored(Math.log(0.1)), scored(Math.log(0.3))]]);
    };
    const [said] = await readScores.ask([[5]], asking({ score }), {});
    expect(said!.probability).toBeCloseTo(0.75, 12);
    expect(said!.tokens).toBe(6);
  });

  it('text: one of the two answers or nothing', async () => {
    const texts = [
      '{"initiative": true}',
      ' {"initiative":false}',
      'I would ask. {"initiative": true}',
      '{"initiative": maybe}',
    ];
    const generate: LanguageModel['generate'] = (prompts, { maxTokens, stop }) => {
      expect({ maxTokens, stop }).toEqual({ maxTokens: 12, stop: ['}'] });
      return Promise.resolve(prompts.map((_, i) => ({ text: texts[i]!, tokens: [1, 2, 3], ended: 'stop' })));
    };
    const said = await readText.ask(
      texts.map(() => [5]),
      asking({ generate }),
      {},
    );
    expect(said).toEqual([1, 0, null, null].map((probability) => ({ probability, tokens: 3 })));
  });
});

describe('askAll', () => {
  it('asks what no earlier attempt has asked, whatever that one left torn', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overture-answers-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'deep', 'log.jsonl');
    const prompts = Array.from({ length: 70 }, (_, i) => [i]);
    const asked: number[] = [];
    const reading = (failAt?: number): Reading => ({
      calibrated: false,
      room: () => 1,
      ask(some) {
        if (some.some(([id]) => id === failAt)) return Promise.reject(new Error('killed'));
        asked.push(...some.map(([id]) => id!));
        return Promise.resolve(some.map(([id]) => ({ probability: id! / 100, tokens: 1 })));
      },
    });
    const all = async (failAt?: number) =>
      askAll(
        reading(failAt),
        prompts,
        { model: {} as LanguageModel, prompt: { answers: [[], []] } },
        { log: await openAnswerLog(file) },
      );

    await expect(all(64)).rejects.toThrow('killed');
    expect(asked).toHaveLength(64);
    await appendFile(file, '{"part":2,"answers":[{"prob');
    const answers = await all();
    expect(asked.slice(64)).toEqual([64, 65, 66, 67, 68, 69]);
    expect(answers.map(({ probability }) => probability)).toEqual(prompts.map(([id]) => id! / 100));
    await all();
    expect(asked).toHaveLength(70);
    expect(
      (await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('{"part":2,')),
    ).toHaveLength(2); // the torn line is still there
  });

  it('stops between parts when told', async () => {
    const reading: Reading = {
      calibrated: false,
      room: () => 1,
      ask: () => Promise.reject(new Error('asked')),
    };
    const log = { known: new Map(), keep: () => Promise.resolve() };
    await expect(
      askAll(
        reading,
        [[1]],
        { model: {} as LanguageModel, prompt: { answers: [[], []] } },
        { log, signal: AbortSignal.abort(new Error('enough')) },
      ),
    ).rejects.toThrow('enough');
  });
});
