import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../conversation.ts';
import { inspectCorpus } from '../inspection/corpus-inspection.ts';
import { openCorpus } from '../open-corpus.ts';
import { inventedExports } from '../testing/invented-exports.ts';
import { collected, failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { convertExport, type ConvertOptions } from './convert-export.ts';
import { exportConverters, type ExportName } from './export-converters.ts';
import { parseFieldMap } from './field-map.ts';

async function convert(content: string | Uint8Array, options: ConvertOptions = {}) {
  await using files = await writtenCorpus({ export: content });
  const { lines, summary } = await convertExport(files.path('export'), options);
  const conversations = (await collected(lines)).map((line) => JSON.parse(line) as Conversation);
  return {
    conversations,
    summary,
    spoken: conversations.map(({ utterances }) => utterances.map(({ role, text }) => `${role}: ${text}`)),
  };
}

describe('convertExport', () => {
  it.each(Object.entries(inventedExports))(
    'reads 150 invented conversations of %s, and the corpus can be trained on as it is',
    async (name, make) => {
      const { conversations, summary } = await convert(make(150), { rule: 'question' });
      expect(summary.from).toBe(name);
      expect(summary.conversations).toBe(150);
      expect(summary.leftOut.emptyMessages).toBeGreaterThanOrEqual(12);
      expect(summary.leftOut.emptyConversations + summary.leftOut.tooLong + summary.leftOut.repeatedIds).toBe(
        0,
      );
      expect(
        conversations
          .flatMap(({ utterances }) => utterances)
          .filter(({ text }) => /<p|&amp;lt;|You are a support agent|gold plan/.test(text)),
      ).toEqual([]);
      expect(
        conversations.some(({ utterances }) => utterances.some(({ text }) => text.includes('<device>'))),
      ).toBe(true);
      await using written = await writtenCorpus({
        'corpus.jsonl': conversations.map((each) => JSON.stringify(each)).join('\n'),
      });
      const inspected = await inspectCorpus(await openCorpus(written.path('corpus.jsonl')));
      expect(inspected.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(inspected.total).toMatchObject({
        conversations: 150,
        labelSources: { 'rule:question': inspected.total.examples },
      });
      expect(inspected.problems.map(({ kind }) => kind)).toContain('weak-labels');
    },
  );

  it('reads the same words from each of the three', async () => {
    const [openai, intercom, zendesk] = await Promise.all(
      Object.values(inventedExports).map(async (make) => (await convert(make(12))).spoken),
    );
    const alike = (spoken: string[][] | undefined): unknown =>
      spoken?.map((lines) =>
        lines.map((line) =>
          line
            .replaceAll(/\s+|```(sh)?/g, ' ')
            .replaceAll('&amp;', '&')
            .replace(/ Help$/, '')
            .trim(),
        ),
      );
    expect(alike(intercom)).toEqual(alike(openai));
    expect((zendesk ?? []).length).toBe(12);
  });

  it('keeps ids, times and authors as metadata, and consecutive messages apart', async () => {
    const { conversations } = await convert(inventedExports.intercom(7));
    expect(conversations[6]).toMatchObject({ id: '215406', meta: { time: 1_700_000_360 } });
    expect(conversations[6]?.utterances.at(-3)).toMatchObject({
      role: 'system',
      text: expect.stringContaining('This takes a minute.') as string,
      meta: { id: '63', author: 'a3' },
    });
    expect(conversations[1]?.title).toBe('Talk 1');
  });

  it('follows the current branch of a ChatGPT export', async () => {
    const node = (id: string, parent: string | null, role?: string, text?: string) =>
      [
        id,
        {
          id,
          parent,
          message: role ? { author: { role }, content: { content_type: 'text', parts: [text] } } : null,
        },
      ] as const;
    const mapping = Object.fromEntries([
      node('a', null),
      node('b', 'a', 'user', 'Hi'),
      node('c', 'b', 'assistant', 'old'),
      node('d', 'b', 'assistant', 'new'),
    ]);
    const { spoken, conversations } = await convert(
      JSON.stringify([{ title: 'T', conversation_id: 'x', mapping, current_node: 'd' }]),
    );
    expect([spoken, conversations[0]?.id]).toEqual([[['user: Hi', 'system: new']], 'x']);
  });

  it('reads ShareGPT, Zendesk chats, and CSV with its rows together', async () => {
    expect(
      (
        await convert(
          '[{"id":"a","conversations":[{"from":"system","value":"p"},{"from":"human","value":"q"},{"from":"gpt","value":"r"}]}]',
        )
      ).spoken,
    ).toEqual([['user: q', 'system: r']]);
    const history = [
      { type: 'chat.memberjoin', sender_type: 'Visitor' },
      { type: 'chat.msg', sender_type: 'Visitor', msg: 'q' },
      { type: 'chat.msg', sender_type: 'Agent', name: 'Ada', msg: 'r' },
    ];
    expect((await convert(JSON.stringify({ chats: [{ id: 'c', history }] }))).conversations).toMatchObject([
      { id: 'c', utterances: [{ text: 'q' }, { text: 'r', meta: { author: 'Ada' } }] },
    ]);
    const rows =
      'Conversation ID;Sender;Message;Created At\r\n1;customer;"a;\n""b"""\r;9:00\r\n'.replace('\r;', ';') +
      '1;agent;c<br>d;9:01\r\n2;customer;e;9:02\r\n';
    const csv = await convert(`\uFEFF${rows}`);
    expect(csv.spoken).toEqual([['user: a;\n"b"', 'system: c\nd'], ['user: e']]);
    expect(csv.conversations[0]).toMatchObject({ id: '1', utterances: [{ meta: { time: '9:00' } }, {}] });
    const apart = await failureOf(() => convert(`${rows}1;agent;f;9:03\r\n`));
    expect(apart.message).toContain(
      'The rows of a conversation must be together, and those of "1" are not. Sort the file by conversation and time.',
    );
    const unnamed = await failureOf(() => convert('a,b\n1,2\n', { from: 'csv' }));
    expect(unnamed.message).toContain(
      'The columns for id, role, text could not be found among "a", "b". Name them: --map id=COLUMN --map role=COLUMN --map text=COLUMN.',
    );
  });

  it('reads fields of your own by dotted paths and words', async () => {
    const content = JSON.stringify({
      export: {
        chats: [
          {
            no: 5,
            thread: {
              items: [
                { sender: { type: 'Kunde' }, body: { plain: 'q &amp; r' } },
                { sender: { type: 'KI' }, body: { plain: 's' } },
                { sender: { type: 'log' }, body: { plain: 't' } },
              ],
            },
          },
        ],
      },
    });
    const map = parseFieldMap([
      'conversations=export.chats',
      'id=no',
      'messages=thread.items',
      'role=sender.type',
      'text=body.plain',
      'user=kunde',
      'system=ki',
      'skip=log',
    ]);
    const { conversations, spoken, summary } = await convert(content, { map });
    expect([conversations[0]?.id, spoken, summary.leftOut.events]).toEqual([
      '5',
      [['user: q & r', 'system: s']],
      1,
    ]);
    expect(() => parseFieldMap(['speaker=x'])).toThrow(
      '--map must be KEY=VALUE, where KEY is one of conversations, id, title, messages, role, text, message-id, time, user, system, skip. Got "speaker=x" instead.',
    );
  });

  it('says in one sentence what it cannot read', async () => {
    const message = async (content: string, options?: ConvertOptions) =>
      (await failureOf(() => convert(content, options))).message;
    expect(await message('{"a":1}')).toContain(
      'looks like none of the exports that can be converted (Intercom conversations; Zendesk tickets or chats; ShareGPT; OpenAI chat messages',
    );
    const bots = '{"messages":[{"role":"robot","content":"x"}]}\n'.repeat(20);
    expect(await message(bots)).toMatch(
      /all 20 lines: The speaker "robot" is unknown\. Say what it means: --map user=robot, --map system=robot or --map skip=robot\.$/,
    );
    expect((await convert(bots, { map: parseFieldMap(['system=robot']) })).summary.conversations).toBe(20);
    expect(await message('{"a":1}\n{"b":2}\n', { from: 'intercom' })).toContain(
      'all 2 lines: This record is not a conversation as in Intercom conversations.',
    );
    expect(
      await message('{"tickets":[{"comments":[{"author_id":1,"body":"x"}', { from: 'zendesk' }),
    ).toContain('The file must be valid JSON, and ends in the middle. Export it again.');
    expect(await message('{"messages":[{"role":"user","content":""}]}')).toContain(
      'this one has none with a message of a user or an agent',
    );
  });

  it('leaves out and counts what repeats or does not fit a corpus', async () => {
    const chat = (id: number, n = 1): string =>
      JSON.stringify({ id, messages: Array.from({ length: n }, () => ({ role: 'user', content: 'x' })) });
    const { summary, conversations } = await convert([chat(1), chat(1), chat(2, 2_001), chat(3)].join('\n'));
    expect(conversations.map(({ id }) => id)).toEqual(['1', '3']);
    expect(summary.leftOut).toMatchObject({ repeatedIds: 1, tooLong: 1 });
  });

  it('is advised where such a file is given as a corpus', async () => {
    for (const [name, make] of Object.entries(inventedExports)) {
      await using files = await writtenCorpus({ 'my chats.json': make(3) });
      const error = await failureOf(() => openCorpus(files.path('my chats.json')));
      const { title } = exportConverters[name as ExportName];
      expect(error.message).toMatch(/^\/\S+\/my chats\.json:1: /);
      expect(error.message).toContain(
        `It looks like an export: ${title}. Convert it: overture corpus convert '${files.path('my chats.json')}' --from ${name} --to corpus.jsonl`,
      );
    }
  });

  it('streams: a line comes before the file has been read to its end', async () => {
    await using files = await writtenCorpus({ export: inventedExports.intercom(2_000) });
    const { lines, summary } = await convertExport(files.path('export'));
    for await (const line of lines) {
      expect(line).toContain('"id":"215400"');
      break;
    }
    expect(summary.conversations).toBe(1);
    expect((await readFile(files.path('export'))).length).toBeGreaterThan(1_000_000);
  });
});
