import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Utterance } from '../conversation.ts';
import { openCorpus } from '../open-corpus.ts';
import { resolveTagSet } from '../tag-set.ts';
import { failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { assertTrainable } from './assert-trainable.ts';
import { inspectCorpus, type InspectOptions } from './corpus-inspection.ts';

const user = (text: string): Utterance => ({ role: 'user', text });
const system = (text: string, ...tags: NonNullable<Utterance['tags']>): Utterance => ({
  role: 'system',
  text,
  tags,
});
const line = (members: object): string => JSON.stringify(members);
const conversation = (id: string, split: string, ...utterances: Utterance[]): string =>
  line({ id, split, utterances });

async function inspect(lines: readonly string[], options: InspectOptions = {}) {
  await using corpus = await writtenCorpus({ 'a.jsonl': lines.join('\n') });
  return await inspectCorpus(await openCorpus(corpus.path('a.jsonl')), options);
}

const healthy = [
  conversation(
    '1',
    'train',
    user('one two three'),
    system('which', 'CQ', 'GG'),
    user('four'),
    system('so', 'PA'),
  ),
  conversation('2', 'train', user('a b'), system('do', 'PA')),
  conversation('3', 'valid', user('c'), system('do', 'PA')),
  conversation('4', 'valid', user('d'), system('why', 'IR')),
];

describe('inspectCorpus', () => {
  it('counts conversations, examples, tags, turns and lengths for each split and in all', async () => {
    const summary = await inspect(healthy);
    expect(summary).toMatchObject({
      format: 'jsonl',
      protocol: 'cikm23',
      tagSet: { name: 'cikm23-5' },
      splitBy: 'given',
    });
    expect(summary.problems.map(({ kind }) => kind)).toEqual(['few-of-a-class']);
    expect(summary.splits.map(({ name }) => name)).toEqual(['train', 'valid']);
    expect(summary.splits[0]).toEqual({
      name: 'train',
      conversations: 2,
      utterances: 6,
      examples: 3,
      initiative: 1,
      initiativeRate: 1 / 3,
      systemTags: { CQ: 1, PA: 2 },
      byTurn: [
        { systemTurn: 0, andLater: false, examples: 2, initiative: 1, initiativeRate: 0.5 },
        { systemTurn: 1, andLater: false, examples: 1, initiative: 0, initiativeRate: 0 },
      ],
      lengths: {
        utterances: { n: 2, mean: 3, min: 2, median: 2, p90: 4, p99: 4, max: 4 },
        historyWords: { n: 3, mean: 10 / 3, min: 2, median: 3, p90: 5, p99: 5, max: 5 },
        historyCharacters: { n: 3, mean: 38 / 3, min: 3, median: 13, p90: 22, p99: 22, max: 22 },
      },
      probablyTruncated: 0,
      labelSources: {},
    });
    expect(summary.total).toMatchObject({ conversations: 4, examples: 5, initiative: 2 });
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('follows protocol and tag set', async () => {
    const rule = { protocol: 'utterance', tagSet: resolveTagSet(['GG']) } as const;
    expect((await inspect(healthy, { rule })).splits[0]).toMatchObject({
      examples: 3,
      initiative: 1,
      systemTags: { CQ: 1, GG: 1, PA: 2 },
    });
  });

  it('counts late system turns together', async () => {
    const long = Array.from({ length: 12 }, (_, i) => [user(`u${i}`), system(`s${i}`, 'PA')]).flat();
    const summary = await inspect([conversation('1', 'train', ...long)]);
    expect(summary.splits[0]?.byTurn).toHaveLength(10);
    expect(summary.splits[0]?.byTurn[9]).toMatchObject({ systemTurn: 9, andLater: true, examples: 3 });
  });

  it('finds copies within and across splits, shared openings, ids used twice, and turns without label or text', async () => {
    const opening = 'the printer on the second floor prints nothing at all';
    const summary = await inspect([
      ...healthy,
      conversation('2', 'train', user(' A  B '), system('do', 'PA')),
      conversation('6', 'valid', user('a b'), system('do', 'PA')),
      conversation('7', 'train', user(opening), system('which one', 'CQ'), user(''), {
        role: 'system',
        text: 'aha',
      }),
      conversation('8', 'valid', user(opening.toUpperCase()), system('on', 'PA')),
      conversation('9', 'valid', system('hello', 'GG')),
    ]);
    expect(
      summary.problems.map(({ kind, severity, count, samples }) => [kind, severity, count, ...samples]),
    ).toEqual([
      ['duplicate-id', 'error', 1, '2 (lines 2 and 5)'],
      ['few-of-a-class', 'warning', 1],
      ['leaked-conversation', 'warning', 1, 'train 2 = valid 6'],
      ['leaked-opening', 'warning', 1, 'train 7 = valid 8'],
      ['duplicate-conversation', 'warning', 1, 'train 2 = train 2'],
      ['unlabeled-turn', 'warning', 1, '7'],
      ['empty-text', 'warning', 1, 'train 7'],
      ['conversation-without-example', 'note', 1, '9'],
    ]);
  });

  const kinds = async (lines: readonly string[]) =>
    (await inspect(lines)).problems.map(({ kind, count, samples }) => [kind, count, ...samples]);
  const plain = (id: string, ...utterances: object[]): string => line({ id, utterances });
  const many = (n: number, of: (i: number) => object[]): string[] =>
    Array.from({ length: n }, (_, i) => plain(`c${i}`, ...of(i)));
  const asked = (i: number): object => ({ role: 'agent', text: 'so', initiative: i % 2 === 0 });

  it('tells what was left out, and what a model would stumble over', async () => {
    const found = await kinds([
      ...many(600, (i) => [{ role: 'system', text: 'Be brief.' }, user(`my printer ${i}`), asked(i)]),
      plain('html', user('a &amp; b<br>c'), asked(0), user('if a < b & c > d'), asked(1)),
      plain('empty', user(' '), asked(0), user('x'), { role: 'agent', text: '' }),
      plain('mixed', user('y'), { role: 'system', text: 'z', initiative: true }),
      plain('long', user('word '.repeat(300)), asked(0)),
      plain('tagged', user('t'), system('u', 'PA')),
    ]);
    expect(found).toEqual([
      ['unlabeled-turn', 1, 'empty'],
      ['mixed-roles', 2, 'mixed'],
      ['html', 1, 'html'],
      ['empty-text', 1, expect.stringMatching(/ empty$/)],
      ['system-prompt', 600, 'c0', 'c1', 'c2', 'c3', 'c4'],
      ['mixed-labels', 605],
      ['truncated', 1],
    ]);
  });

  it('says that a tag set is not used where all labels are direct', async () => {
    expect(await kinds(many(600, (i) => [user(`my printer ${i}`), asked(i)]))).toEqual([
      ['tag-set-unused', 600],
    ]);
  });

  it('has no warning about openings where splits are drawn, and says when most open alike', async () => {
    const opening = 'I opened this chat from the page about my account';
    const found = await kinds(
      many(600, (i) => [
        user(i < 300 ? `the printer of room ${Math.floor(i / 2)} does not print at all` : opening),
        asked(i),
        user(`${i}`),
      ]),
    );
    expect(found).toEqual([
      ['common-opening', 1, 'c300'],
      ['tag-set-unused', 600],
    ]);
  });

  it('names ids that are one id, with the lines', async () => {
    const found = await kinds([
      line({ id: 7, utterances: [user('a')] }),
      line({ id: '7', utterances: [user('b')] }),
    ]);
    expect(found).toContainEqual(['duplicate-id', 1, '7 (lines 1 and 2)']);
  });

  it('advises on a validation split with few of a class as its splits allow', async () => {
    const message = async (lines: string[]) =>
      (await inspect(lines)).problems.find(({ kind }) => kind === 'few-of-a-class')?.message;
    expect(await message(many(100, (i) => [user(`my printer ${i}`), asked(i)]))).toMatch(
      /^The split valid has \d+ examples, \d+ with initiative\. The epoch and the threshold are chosen on it, and with fewer than 20 of a class chance decides\. Set a larger share aside \(--set corpus\.split\.valid=0\.2\), or add conversations\.$/,
    );
    expect(await message(healthy)).toContain('Move conversations from train to valid, or add conversations.');
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    await inspect(healthy, { onProgress: (read) => seen.push(read) });
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe('assertTrainable', () => {
  const refused = (lines: readonly string[]) => failureOf(async () => assertTrainable(await inspect(lines)));

  it('passes a corpus with both classes in training and validation', async () => {
    expect(assertTrainable(await inspect(healthy))).toBeUndefined();
  });

  it('refuses one class only, no example, no validation and ids used twice', async () => {
    const oneClass = await refused([...healthy.slice(0, 3)]);
    expect(oneClass).toMatchObject({ code: 'CORPUS_ONE_CLASS', retryable: false });
    expect(oneClass.message).toContain(
      'The split valid must have examples with and without initiative. All 1 are without: check the labels and the tag set.',
    );
    const noExample = await refused([...healthy.slice(0, 2), conversation('3', 'valid', user('x'))]);
    expect(noExample).toMatchObject({ code: 'CORPUS_NO_EXAMPLES' });
    expect(noExample.message).toContain('The split valid must have an example');
    const twice = await refused([...healthy, conversation('4', 'train', user('x'), system('y', 'PA'))]);
    expect(twice).toMatchObject({
      code: 'CORPUS_DUPLICATE_ID',
      message: expect.stringContaining('The first: 4 (lines 4 and 5).') as string,
    });
    const tiny = await refused([line({ utterances: [user('x')] })]);
    expect(tiny.message).toMatch(
      /Training needs the splits train and valid, and no conversation is in (train|valid): the corpus has 1/,
    );
  });

  it('reports all of it together', async () => {
    const error = await refused([
      conversation('1', 'train', user('x'), system('y', 'PA')),
      conversation('1', 'valid', user('x')),
    ]);
    expect(error.code).toBe('CORPUS_INVALID');
    expect((error.details['faults'] as { code: string }[]).map(({ code }) => code)).toEqual([
      'CORPUS_ONE_CLASS',
      'CORPUS_NO_EXAMPLES',
      'CORPUS_DUPLICATE_ID',
    ]);
  });
});

it('inspects a corpus of 100 MB with a heap of 64 MB', async () => {
  const title = 'x'.repeat(20_000);
  const lines = Array.from({ length: 5_000 }, (_, i) =>
    line({ id: `${i}`, split: 'train', title, utterances: [user(`${i}`), system('so', 'PA')] }),
  );
  await using corpus = await writtenCorpus({ 'a.jsonl': lines.join('\n') });
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module)
      .then(async ({ openCorpus, inspectCorpus }) => inspectCorpus(await openCorpus(workerData.path)))
      .then((summary) => parentPort.postMessage(summary.total.conversations));`;
  const worker = new Worker(code, {
    eval: true,
    workerData: { module: new URL('../index.ts', import.meta.url).href, path: corpus.path('a.jsonl') },
    resourceLimits: { maxOldGenerationSizeMb: 64 },
  });
  const [conversations] = (await once(worker, 'message')) as [number];
  await worker.terminate();
  expect(conversations).toBe(5_000);
});
