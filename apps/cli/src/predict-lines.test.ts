import { AppError } from '@overture/core';
import type { ExampleInput, Line } from '@overture/dialogue';
import type { Predictor } from '@overture/inference';
import { describe, expect, it } from 'vitest';
import { predictLines, type LineAnswer } from './predict-lines.ts';
import type { BadLine } from './stream-lines.ts';

const open = (id: string): string => JSON.stringify({ id, utterances: [{ role: 'user', text: 'Hello?' }] });
const answered = JSON.stringify({
  id: 'answered',
  utterances: [
    { role: 'user', text: 'Hello?' },
    { role: 'system', text: 'Hi.' },
  ],
});

function fakePredictor(
  predict: (examples: readonly ExampleInput[]) => void = () => undefined,
): Pick<Predictor, 'predict' | 'manifest'> {
  return {
    manifest: { text: { protocol: 'cikm23' } } as Predictor['manifest'], // the only part that is read
    predict: async (examples, { threshold = 0.5 } = {}) => {
      predict(examples);
      return examples.map(({ id }) => ({
        id,
        probability: 0.7,
        initiative: 0.7 >= threshold,
        threshold,
        truncated: false,
      }));
    },
  };
}

async function answers(
  texts: readonly (string | BadLine)[],
  options: {
    predictor?: ReturnType<typeof fakePredictor>;
    size?: number;
    threshold?: number;
    dropAnswer?: boolean;
    onNotice?: (notice: string) => void;
  } = {},
): Promise<LineAnswer[]> {
  async function* lines(): AsyncGenerator<Line | BadLine> {
    for (const [i, text] of texts.entries()) yield typeof text === 'string' ? { text, number: i + 1 } : text;
  }
  const { predictor = fakePredictor(), size = 10, ...rest } = options;
  const { signal } = new AbortController();
  const got: LineAnswer[] = [];
  for await (const answer of predictLines(predictor, lines(), {
    file: 'open.jsonl',
    batch: { size, idleMs: 1000 },
    signal,
    ...rest,
  }))
    got.push(answer);
  return got;
}

describe('predictLines', () => {
  it('answers every line in order; what is wrong with one costs that one', async () => {
    const torn: BadLine = { number: 6, error: new AppError('CORPUS_NOT_UTF8', 'It is not UTF-8.') };
    const got = await answers([open('a'), '{"id":', '', answered, open('b'), torn, open('c')]);
    expect(got.map((answer) => ('error' in answer ? [answer.line, answer.error.code] : answer.id))).toEqual([
      'a',
      [2, 'CORPUS_JSON'],
      [4, 'CONVERSATION_NOT_WAITING'],
      'b',
      [6, 'CORPUS_NOT_UTF8'],
      'c',
    ]);
    expect(got[2]).toMatchObject({
      error: { message: expect.stringContaining('(open.jsonl:4) must end with an utterance of the user') },
    });
  });

  it('predicts at the last turn of the user where the answer is to be dropped', async () => {
    const seen: unknown[] = [];
    const predictor = fakePredictor((examples) =>
      seen.push(...examples.map(({ history, systemTurn }) => [history.at(-1)?.text, systemTurn])),
    );
    const nobody = JSON.stringify({ id: 'nobody', utterances: [{ role: 'system', text: 'Welcome.' }] });
    const got = await answers([answered, open('a'), nobody], { predictor, dropAnswer: true });
    expect(seen).toEqual([
      ['Hello?', 0],
      ['Hello?', 0],
    ]);
    expect(got.map((answer) => ('error' in answer ? answer.error.code : answer.id))).toEqual([
      'answered',
      'a',
      'CONVERSATION_NOT_WAITING',
    ]);
  });

  it('leaves system prompts out, and says once how it reads the role system', async () => {
    const [seen, notices]: [(readonly string[])[], string[]] = [[], []];
    const predictor = fakePredictor((examples) =>
      seen.push(...examples.map(({ history }) => history.map(({ text }) => text))),
    );
    const line = (id: string, ...spoken: [string, string][]): string =>
      JSON.stringify({ id, utterances: spoken.map(([role, text]) => ({ role, text })) });
    const chat = (id: string): string =>
      line(id, ['system', 'Be brief.'], ['user', 'Hi'], ['assistant', 'Yes?'], ['user', 'Help']);
    const opened = (id: string): string => line(id, ['system', 'Welcome'], ['user', 'Hi']);
    await answers([chat('a'), chat('b'), opened('c'), opened('d'), open('e')], {
      predictor,
      onNotice: (notice) => notices.push(notice),
    });
    expect(seen).toEqual([
      ['Hi', 'Yes?', 'Help'],
      ['Hi', 'Yes?', 'Help'],
      ['Welcome', 'Hi'],
      ['Welcome', 'Hi'],
      ['Hello?'],
    ]);
    expect(notices).toEqual([
      'Line 1 (a) has a system prompt, which is left out, as in training.',
      'Line 3 (c) opens with the role system, and nobody else answers: it is read as what the system says first. For a system prompt, use the role developer, or leave it out.',
    ]);
  });

  it('hands on what is doubtful about a prediction', async () => {
    const warnings = [{ code: 'TEXT_EMPTY', message: 'The conversation has no text.' }] as const;
    const fake = fakePredictor();
    const predictor: typeof fake = {
      ...fake,
      predict: async (...asked) =>
        (await fake.predict(...asked)).map((prediction) => ({ ...prediction, warnings })),
    };
    expect(await answers([open('a')], { predictor })).toMatchObject([{ id: 'a', warnings }]);
  });

  it('asks in batches of the size that was told, with the threshold', async () => {
    const sizes: number[] = [];
    const got = await answers(['1', '2', '3', '4', '5'].map(open), {
      predictor: fakePredictor((examples) => sizes.push(examples.length)),
      size: 2,
      threshold: 0.8,
    });
    expect(sizes).toEqual([2, 2, 1]);
    expect(got).toHaveLength(5);
    expect(got[0]).toMatchObject({ initiative: false, threshold: 0.8 });
  });

  it('asks once more when a process died, and says so when that does not help', async () => {
    const died = new AppError('RUNTIME_CHILD_DIED', 'It died.', { retryable: true });
    let calls = 0;
    const first = fakePredictor(() => {
      if (++calls === 1) throw died;
    });
    expect(await answers([open('a')], { predictor: first })).toHaveLength(1);
    const always = fakePredictor(() => {
      throw died;
    });
    await expect(answers([open('a')], { predictor: always })).rejects.toBe(died);
  });
});
