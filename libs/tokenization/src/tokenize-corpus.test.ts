import { formatConversationLine, resolveTagSet, type Conversation } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { encodeExample } from './encode-example.ts';
import { referenceTokenizer } from './testing/reference-tokenizer.ts';
import { idsOf } from './token-set.ts';
import { tokenizeCorpus, type TokenizeOptions, type TokenizeProgress } from './tokenize-corpus.ts';

const tokenizer = referenceTokenizer();
const conversations: Conversation[] = [
  {
    id: 'a',
    split: 'train',
    utterances: [
      { role: 'user', text: 'My printer is old.', tags: ['OQ'] },
      { role: 'system', text: 'Which model?', tags: ['CQ'] },
      { role: 'user', text: 'It is a long story. '.repeat(20), tags: ['FD'] },
      { role: 'system', text: 'Then buy one.', tags: ['PA'] },
    ],
  },
  { id: 'b', split: 'valid', utterances: [{ role: 'system', text: 'Hello', tags: ['GG'] }] },
  {
    id: 'c',
    split: 'test',
    utterances: [
      { role: 'user', text: 'Thanks' },
      { role: 'system', text: 'More?', initiative: true },
    ],
  },
];

async function* linesOf(items: readonly Conversation[]): AsyncGenerator<string> {
  for (const item of items) yield formatConversationLine(item);
}

const options: TokenizeOptions = {
  rule: { protocol: 'cikm23', tagSet: resolveTagSet() },
  maxLength: 40,
  where: 'corpus.jsonl',
};

describe('tokenizeCorpus', () => {
  it('gives the labeled system turns of every split, in order', async () => {
    const { tokens, truncated } = await tokenizeCorpus(linesOf(conversations), tokenizer, options);
    expect(tokens).toMatchObject({
      exampleIds: ['a#0', 'a#1', 'c#0'],
      labels: Uint8Array.of(1, 0, 1),
      splits: Uint8Array.of(0, 0, 2),
      splitNames: ['train', 'valid', 'test'],
      turns: Int32Array.of(0, 1, 0),
      vocabSize: tokenizer.vocabSize,
      padId: 0,
      maxLength: 40,
      templateVersion: 2,
    });
    expect(truncated).toBe(1);
    const history = [{ role: 'user' as const, text: 'My printer is old.', tags: [], labeled: true }];
    expect([...idsOf(tokens, 0)]).toEqual(
      encodeExample(tokenizer, { history, systemTurn: 0 }, { maxLength: 40 }).ids,
    );
    expect(idsOf(tokens, 1)).toHaveLength(40);
  });

  it('grows past its first buffers, says how far it is, and lets other work run', async () => {
    const [conversation] = conversations as [Conversation];
    const many = Array.from({ length: 2_000 }, (_, i) => ({ ...conversation, id: `${i}` }));
    const seen: TokenizeProgress[] = [];
    let beats = 0;
    const heart = setInterval(() => beats++, 1);
    const { tokens } = await tokenizeCorpus(linesOf(many), tokenizer, {
      ...options,
      onProgress: (progress) => seen.push(progress),
    });
    clearInterval(heart);
    expect(tokens.labels).toHaveLength(4_000);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toEqual({ conversations: 2_000, examples: 4_000, tokens: tokens.ids.length });
    expect(beats).toBeGreaterThan(0);
  });

  it('refuses a corpus without examples, without splits, or that is none, naming the line', async () => {
    const refused = (items: readonly Conversation[]) => tokenizeCorpus(linesOf(items), tokenizer, options);
    await expect(refused(conversations.slice(1, 2))).rejects.toThrow(
      'corpus.jsonl must have a labeled system turn with a user turn before it. None of its 1 conversations has one',
    );
    const { split: _, ...splitless } = conversations[2] as Conversation;
    await expect(refused([conversations[0] as Conversation, splitless])).rejects.toThrow(
      'corpus.jsonl:2 must name a split (train, valid or test)',
    );
    async function* broken() {
      yield '{';
    }
    await expect(tokenizeCorpus(broken(), tokenizer, options)).rejects.toThrow(
      'corpus.jsonl:1: A line must be one JSON object.',
    );
  });

  it('stops when asked to', async () => {
    await expect(
      tokenizeCorpus(linesOf(conversations), tokenizer, { ...options, signal: AbortSignal.abort() }),
    ).rejects.toThrow('aborted');
  });
});
