import { describe, expect, it } from 'vitest';
import type { Conversation, SplitName } from './conversation.ts';
import { openCorpus } from './open-corpus.ts';
import { planSplits, withSplits, type SplitOptions } from './split-plan.ts';
import { collected, failureOf, writtenCorpus } from './testing/written-corpus.ts';

const line = (text: string, split?: SplitName): string =>
  JSON.stringify({ split, utterances: [{ role: 'user', text }] });
const manyLines = Array.from({ length: 1_000 }, (_, i) => line(`question ${i}`)).join('\n');

async function assigned(files: Record<string, string>, name: string, options: SplitOptions = {}) {
  await using corpus = await writtenCorpus(files);
  const opened = await openCorpus(corpus.path(name));
  const plan = await planSplits(opened, options);
  return { kind: plan.kind, conversations: await collected(withSplits(opened.conversations(), plan)) };
}

const sizes = (conversations: readonly Conversation[]): number[] =>
  ['train', 'valid', 'test'].map(
    (split) => conversations.filter((conversation) => conversation.split === split).length,
  );

describe('planSplits', () => {
  it('draws about the fractions when nothing names a split, the same for the same seed', async () => {
    const first = await assigned({ 'a.jsonl': manyLines }, 'a.jsonl');
    expect(first.kind).toBe('drawn');
    const [train, valid, test] = sizes(first.conversations) as [number, number, number];
    // Three standard deviations of a binomial distribution with 1,000 draws.
    expect(Math.abs(train - 800)).toBeLessThan(38);
    expect(Math.abs(valid - 100)).toBeLessThan(29);
    expect(train + valid + test).toBe(1_000);
    const again = await assigned({ 'b.jsonl': manyLines }, 'b.jsonl');
    expect(again.conversations.map(({ split }) => split)).toEqual(
      first.conversations.map(({ split }) => split),
    );
    const other = await assigned({ 'a.jsonl': manyLines }, 'a.jsonl', { seed: 1 });
    expect(other.conversations.map(({ split }) => split)).not.toEqual(
      first.conversations.map(({ split }) => split),
    );
  });

  it('puts copies of a conversation into one split', async () => {
    const copies = Array.from(
      { length: 50 },
      (_, i) => `${line(`Question ${i}`)}\n${line(` question   ${i}`)}`,
    ).join('\n');
    const { conversations } = await assigned({ 'a.jsonl': copies }, 'a.jsonl');
    for (let i = 0; i < conversations.length; i += 2)
      expect(conversations[i]?.split).toBe(conversations[i + 1]?.split);
    expect(new Set(conversations.map(({ split }) => split)).size).toBe(3);
  });

  it('puts conversations into one split that the user opens with the same words, whatever the agent says first', async () => {
    const talk = (i: number, j: number): string =>
      JSON.stringify({
        utterances: [
          {
            role: 'agent',
            text: 'Hello, thank you for contacting Example support, how can I help you today?',
          },
          { role: 'user', text: `The printer in room ${i} has stopped working since yesterday` },
          { role: 'agent', text: `Answer ${j}`, initiative: false },
        ],
      });
    const { conversations } = await assigned(
      { 'a.jsonl': Array.from({ length: 60 }, (_, i) => `${talk(i, 1)}\n${talk(i, 2)}`).join('\n') },
      'a.jsonl',
    );
    for (let i = 0; i < conversations.length; i += 2)
      expect(conversations[i]?.split).toBe(conversations[i + 1]?.split);
    expect(new Set(conversations.map(({ split }) => split)).size).toBe(3);
  });

  it('does not put conversations together for an opening that most of them share', async () => {
    const lines = Array.from({ length: 200 }, (_, i) =>
      JSON.stringify({
        utterances: [
          { role: 'user', text: 'I opened this chat from the page about my account' },
          { role: 'agent', text: `${i}` },
        ],
      }),
    );
    const { conversations } = await assigned({ 'a.jsonl': lines.join('\n') }, 'a.jsonl');
    expect(sizes(conversations)[0]).toBeGreaterThan(140);
    expect(sizes(conversations)[1]).toBeGreaterThan(5);
  });

  it('keeps the splits that a corpus names', async () => {
    const { kind, conversations } = await assigned(
      { 'a.jsonl': [line('a', 'test'), line('b', 'train'), line('c', 'valid')].join('\n') },
      'a.jsonl',
    );
    expect(kind).toBe('given');
    expect(conversations.map(({ split }) => split)).toEqual(['test', 'train', 'valid']);
  });

  it('takes validation from training when there is none, and leaves the test split alone', async () => {
    const { kind, conversations } = await assigned(
      { 'train.jsonl': manyLines, 'test.jsonl': line('z') },
      '.',
    );
    expect(kind).toBe('valid-from-train');
    const [train, valid, test] = sizes(conversations) as [number, number, number];
    expect(Math.abs(valid - 1_000 / 9)).toBeLessThan(30);
    expect([train + valid, test]).toEqual([1_000, 1]);
  });

  it('refuses a corpus that names splits only here and there, and one without training', async () => {
    const mixed = await failureOf(() =>
      assigned({ 'a.jsonl': [line('a', 'train'), line('b')].join('\n') }, 'a.jsonl'),
    );
    expect(mixed).toMatchObject({ code: 'CORPUS_SPLIT_CONFLICT', details: { line: 2, key: 'split' } });
    expect(mixed.message).toContain('Either all conversations of a corpus name a split or none does');
    const none = await failureOf(() => assigned({ 'a.jsonl': line('a', 'valid') }, 'a.jsonl'));
    expect(none).toMatchObject({ code: 'CORPUS_NO_TRAIN_SPLIT' });
    expect(none.message).toContain('all are valid');
  });

  it('refuses fractions that do not sum to 1 or leave nothing to train', async () => {
    const wrong = (train: number, valid: number, test: number) =>
      failureOf(() => assigned({ 'a.jsonl': manyLines }, 'a.jsonl', { fractions: { train, valid, test } }));
    expect((await wrong(0.8, 0.1, 0.2)).message).toBe(
      'Split fractions must be 0 or more, sum to 1, and leave something to train. Got train 0.8, valid 0.1, test 0.2 instead.',
    );
    expect(await wrong(0, 0.5, 0.5)).toMatchObject({ code: 'SPLIT_FRACTIONS_INVALID' });
    expect(await wrong(1.1, -0.1, 0)).toMatchObject({ code: 'SPLIT_FRACTIONS_INVALID' });
  });
});
