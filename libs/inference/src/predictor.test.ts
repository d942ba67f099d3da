import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextSystemTurn, type Conversation } from '@overture/dialogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPredictor, type Prediction, type Predictor } from './predictor.ts';
import { conversations, tinyBundleContent } from './testing/tiny-bundle.ts';
import { writeBundle } from './write-bundle.ts';

let scratch: string;
let predictor: Predictor;
let predictions: Prediction[];
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-predictor-'));
  await writeBundle(join(scratch, 'bundle'), await tinyBundleContent(scratch));
  predictor = await openPredictor(join(scratch, 'bundle'), { threads: 2 });
  predictions = await predictor.predictNext(conversations);
});
afterAll(async () => {
  await predictor.close();
  await rm(scratch, { recursive: true, force: true });
});

describe('openPredictor', () => {
  it('predicts for the turn after the last utterance, in order, and says what it could not read', () => {
    expect(predictions.map(({ id }) => id)).toEqual(['short', 'answered', 'long']);
    expect(predictions.map(({ truncated }) => truncated)).toEqual([false, false, true]);
    for (const { probability, initiative, threshold } of predictions) {
      expect(threshold).toBe(0.6);
      expect(initiative).toBe(probability >= 0.6);
    }
    expect(predictions.map(({ initiative }) => initiative)).toEqual([true, false, true]);
    expect(new Set(predictions.map(({ probability }) => probability.toFixed(3))).size).toBe(3);
  });

  it('gives each example the probability that it has alone, whatever it is batched with', async () => {
    const many = Array.from({ length: 150 }, (_, i): Conversation => ({
      ...conversations[i % 3]!,
      id: `c${i}`,
    }));
    const together = await predictor.predictNext(many);
    together.forEach(({ id, probability }, i) => {
      expect(id).toBe(`c${i}`);
      expect(probability).toBeCloseTo(predictions[i % 3]!.probability, 6);
    });
  });

  it('takes examples, another threshold, and reports how far it is', async () => {
    const progress: number[] = [];
    const examples = conversations.map((conversation) => nextSystemTurn(conversation, 'cikm23'));
    const found = await predictor.predict(examples, {
      threshold: 1,
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(found.map(({ probability }) => probability)).toEqual(
      predictions.map(({ probability }) => probability),
    );
    expect(found.every(({ initiative, threshold }) => !initiative && threshold === 1)).toBe(true);
    expect(progress.at(-1)).toBe(1);
    expect(await predictor.predict([])).toEqual([]);
  });

  it('serves many callers at once, each with its own answer, on other threads than the caller’s', async () => {
    let turns = 0;
    const ticking = setInterval(() => turns++, 1);
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        predictor.predictNext([{ ...conversations[i % 3]!, id: `caller ${i}` }]),
      ),
    );
    clearInterval(ticking);
    answers.flat().forEach(({ id, probability }, i) => {
      expect(id).toBe(`caller ${i}`);
      expect(probability).toBeCloseTo(predictions[i % 3]!.probability, 6);
    });
    expect(turns).toBeGreaterThan(5);
  });

  it('predicts the same on the calling thread', async () => {
    await using here = await openPredictor(join(scratch, 'bundle'), { processes: 0, threads: 1 });
    const found = await here.predictNext(conversations);
    found.forEach(({ probability }, i) => expect(probability).toBeCloseTo(predictions[i]!.probability, 6));
    expect(here.usage()).toEqual({ tokens: expect.any(Number) as number });
  });

  it('counts what it took: tokens without padding, and its processes', async () => {
    const before = predictor.usage();
    await predictor.predictNext(conversations);
    const once = predictor.usage();
    await predictor.predictNext([...conversations, ...conversations]);
    const { tokens, cpuSeconds, peakBytes } = predictor.usage();
    expect(once.tokens).toBeGreaterThan(before.tokens);
    expect(tokens - once.tokens).toBe(2 * (once.tokens - before.tokens));
    expect(cpuSeconds).toBeGreaterThan(before.cpuSeconds!);
    expect(peakBytes).toBeGreaterThan(10e6);
  });

  it('stops in the midst of many when told to, without harm to others', async () => {
    const abortion = new AbortController();
    const many = Array.from({ length: 3000 }, (_, i): Conversation => ({
      ...conversations[2]!,
      id: `c${i}`,
    }));
    const giving = predictor.predictNext(many, {
      signal: abortion.signal,
      onProgress: (done) => done === 10 && abortion.abort(new Error('enough')),
    });
    const other = predictor.predictNext(conversations);
    await expect(giving).rejects.toThrow('enough');
    expect((await other).map(({ id }) => id)).toEqual(['short', 'answered', 'long']);
  });

  it('refuses to predict when closed', async () => {
    const closed = await openPredictor(join(scratch, 'bundle'), { processes: 0, threads: 1 });
    await closed.close();
    await expect(closed.predictNext(conversations)).rejects.toMatchObject({ code: 'PREDICTOR_CLOSED' });
  });

  it('predicts a stream in chunks', async () => {
    async function* stream(): AsyncIterable<Conversation> {
      for (let i = 0; i < 600; i++) yield { ...conversations[i % 2]!, id: `s${i}` };
    }
    const ids: string[] = [];
    for await (const { id } of predictor.predictStream(stream())) ids.push(id);
    expect(ids).toHaveLength(600);
    expect(ids.slice(0, 2)).toEqual(['s0', 's1']);
  });

  it('refuses a conversation that ends with the system, and stops when told to', async () => {
    const ended: Conversation = {
      id: 'ended',
      utterances: [...conversations[0]!.utterances, { role: 'system', text: 'Restart it.' }],
    };
    await expect(predictor.predictNext([ended])).rejects.toThrow(
      'Conversation "ended" must end with an utterance of the user',
    );
    await expect(
      predictor.predictNext(conversations, { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  it('warns where a text says nothing, and of nothing else', async () => {
    const user = (text: string) => ({ role: 'user', text }) as const;
    const found = await predictor.predictNext([
      { id: 'empty', utterances: [user('')] },
      { id: 'space', utterances: [user(' \n\u00a0\u0000'), { role: 'system', text: '\t' }, user('')] },
      { id: 'invisible', utterances: [user('\u200b\u00ad\ufeff\ud83d\ufffd')] },
      {
        id: 'last',
        utterances: [user('My printer is offline.'), { role: 'system', text: 'Which one?' }, user('  ')],
      },
      { id: 'foreign', utterances: [user('打印机离线了怎么办')] },
      { id: 'fine', utterances: [user(''), user('My printer is offline.')] },
    ]);
    expect(found.map(({ id, warnings }) => [id, warnings?.map(({ code }) => code)])).toEqual([
      ['empty', ['TEXT_EMPTY']],
      ['space', ['TEXT_EMPTY']],
      ['invisible', ['TEXT_EMPTY']],
      ['last', ['LAST_TURN_EMPTY']],
      ['foreign', ['TEXT_UNKNOWN']],
      ['fine', undefined],
    ]);
    expect(found.slice(1, 5).map(({ warnings }) => warnings![0]!.message)).toEqual([
      'The conversation has no text. Its probability says nothing: leave it out.',
      'The conversation has no text. Its probability says nothing: leave it out.',
      "The user's last turn has no text. The prediction depends on earlier turns only.",
      expect.stringMatching(
        /^The model's tokenizer does not know 9 of the \d+ tokens of this text\. Use a model for its language\.$/,
      ),
    ]);
    expect(predictions.some((prediction) => 'warnings' in prediction)).toBe(false);
  });

  it('gives calibrated probabilities: temperature divides the log-odds, and decisions stay', async () => {
    await writeBundle(join(scratch, 'cooler'), await tinyBundleContent(scratch, { temperature: 2 }));
    await using cooler = await openPredictor(join(scratch, 'cooler'), { processes: 0, threads: 1 });
    const logOdds = ({ probability }: Prediction): number => Math.log(probability / (1 - probability));
    const found = await cooler.predictNext(conversations);
    found.forEach((prediction, i) =>
      expect(logOdds(prediction) * 2).toBeCloseTo(logOdds(predictions[i]!), 4),
    );
    expect(found.map(({ initiative }) => initiative)).toEqual(
      predictions.map(({ initiative }) => initiative),
    );
    const { threshold } = cooler.manifest.decision;
    expect(Math.log(threshold / (1 - threshold)) * 2).toBeCloseTo(Math.log(0.6 / 0.4), 10);
  });
});
