import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../conversation.ts';
import { collected, failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { convertExport, type ConvertOptions } from './convert-export.ts';
import { parseFieldMap } from './field-map.ts';

async function convert(content: string | Uint8Array, options: ConvertOptions = {}) {
  await using files = await writtenCorpus({ export: content });
  const { lines, summary } = await convertExport(files.path('export'), options);
  const conversations = (await collected(lines)).map((line) => JSON.parse(line) as Conversation);
  const spoken = conversations.map(({ id, utterances }) => [
    id,
    ...utterances.map(({ role, text }) => `${role}: ${text}`),
  ]);
  return { conversations, summary, spoken };
}

const chat = (id: unknown, ...said: [unknown, unknown][]): object => ({
  id,
  messages: said.map(([role, content]) => ({ role, content })),
});
const [first, second] = [
  chat('a', ['user', 'hi'], ['assistant', 'which?']),
  chat('b', ['user', 'yo'], ['assistant', 'ok']),
];
const lines = `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`;
const both = [
  ['a', 'user: hi', 'system: which?'],
  ['b', 'user: yo', 'system: ok'],
];
const intercom = (...parts: object[]): string =>
  JSON.stringify({
    conversations: [
      {
        id: '1',
        source: { body: '<p>hi</p>', author: { type: 'user' } },
        conversation_parts: { conversation_parts: parts },
      },
    ],
  });
const zendesk = (...comments: object[]): string =>
  JSON.stringify({ tickets: [{ id: 1, requester_id: 9, comments }] });
const sharegpt = (...messages: object[]): string => JSON.stringify([{ id: 'a', conversations: messages }]);
const csv = (...rows: string[]): string => ['conversation_id,role,text', ...rows].join('\n');

describe('an export that is written in another way', () => {
  it.each<[string, string | Uint8Array]>([
    ['with Windows line ends', lines.replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\uFEFF${lines}`],
    ['as an array with a byte order mark', `\uFEFF${JSON.stringify([first, second])}`],
    [
      'indented, with Windows line ends',
      JSON.stringify({ data: [first, second] }, null, 2).replaceAll('\n', '\r\n'),
    ],
    ['with roles in capitals', lines.replaceAll('"user"', '"User"').replaceAll('"assistant"', '"ASSISTANT"')],
    ['with roles human and ai', lines.replaceAll('"user"', '"human"').replaceAll('"assistant"', '"ai"')],
    [
      'with ids of a document database',
      JSON.stringify([first, second]).replace(/"id":("\w")/g, '"_id":{"$oid":$1}'),
    ],
    [
      'with the text of messages in objects',
      lines.replaceAll(/"content":("[^"]*")/g, '"content":{"text":$1}'),
    ],
    [
      'with the text of messages in typed parts',
      lines.replaceAll(/"content":("[^"]*")/g, '"content":[{"type":"output_text","text":$1}]'),
    ],
  ])('is read %s', async (_, content) => {
    expect((await convert(content)).spoken).toEqual(both);
  });

  it('is read on one line of 50 MB', { timeout: 120_000 }, async () => {
    const long = 'It happens every day. '.repeat(100);
    const many = Array.from({ length: 23_000 }, (_, i) => chat(i, ['user', long], ['assistant', 'which?']));
    const content = JSON.stringify(many);
    expect(content.length).toBeGreaterThan(50e6);
    await using files = await writtenCorpus({ export: content });
    const { lines: converted } = await convertExport(files.path('export'));
    let count = 0;
    for await (const line of converted) count += Number(line.includes(`"id":"${count}"`));
    expect(count).toBe(many.length);
  });

  it('keeps joined emoji, text from right to left, and times as they are', async () => {
    const said: [string, string][] = [
      ['user', '👩‍👩‍👧‍👦 \u202Eمرحبا'],
      ['assistant', '🏳️‍🌈 כן?'],
    ];
    expect((await convert(JSON.stringify(chat('a', ...said)))).spoken).toEqual([
      ['a', `user: ${said[0]![1]}`, `system: ${said[1]![1]}`],
    ]);
    for (const time of [1_700_000_000, 1_700_000_000_123, '2023-11-14T22:13:20Z']) {
      expect((await convert(JSON.stringify({ ...first, created_at: time }))).conversations[0]).toMatchObject({
        meta: { time },
      });
    }
  });

  it('has messages without text, which are left out and counted', async () => {
    const admin = { part_type: 'comment', author: { type: 'admin' } };
    const withNull = await convert(
      intercom(
        { ...admin, body: null },
        { ...admin, body: '<img src="x">' },
        { ...admin, body: '<p>which?</p>' },
      ),
    );
    expect([withNull.spoken, withNull.summary.leftOut.emptyMessages]).toEqual([
      [['1', 'user: hi', 'system: which?']],
      2,
    ]);
    const attachment = { author_id: 9, body: '', attachments: [{ file_name: 'a.png' }] };
    const attached = await convert(
      zendesk(attachment, { author_id: 9, body: 'see' }, { author_id: 2, body: 'which?' }),
    );
    expect([attached.spoken, attached.summary.leftOut.emptyMessages]).toEqual([
      [['1', 'user: see', 'system: which?']],
      1,
    ]);
    const missing = await convert(
      sharegpt({ from: 'human' }, { from: 'human', value: 5 }, { from: 'gpt', value: 'r?' }),
    );
    expect([missing.spoken, missing.summary.leftOut.emptyMessages]).toEqual([
      [['a', 'user: 5', 'system: r?']],
      1,
    ]);
    const repeated = await convert(`${lines}${JSON.stringify(first)}`);
    expect([repeated.spoken, repeated.summary.leftOut.repeatedIds]).toEqual([both, 1]);
  });

  it.each([
    ['commas, quotes and newlines', csv('a,user,"x, ""y""\nz"', 'a,agent,ok')],
    [
      'semicolons, after the line that Excel writes',
      'sep=;\nconversation_id;role;text\na;user;"x, ""y""\nz"\na;agent;ok\n',
    ],
    [
      'tabs and a byte order mark',
      '\uFEFFconversation_id\trole\ttext\r\na\tuser\t"x, ""y""\nz"\r\na\tagent\tok\r\n',
    ],
    [
      'quoted headers of other words',
      '"Ticket ID","Sender Type","Message"\n"a","Customer","x, ""y""\nz"\n"a","Agent","ok"\n',
    ],
  ])('is read as CSV with %s', async (_, content) => {
    expect((await convert(content)).spoken).toEqual([['a', 'user: x, "y"\nz', 'system: ok']]);
  });

  it('is read with HTML in texts as asked', async () => {
    const content = JSON.stringify(chat('a', ['user', 'a &amp; b<br>c'], ['assistant', 'x < y']));
    expect((await convert(content)).spoken).toEqual([['a', 'user: a &amp; b<br>c', 'system: x < y']]);
    expect((await convert(content, { html: 'detect' })).spoken).toEqual([
      ['a', 'user: a & b\nc', 'system: x < y'],
    ]);
  });

  it('names speakers in words of its own, which --map explains', async () => {
    const noAuthor = zendesk({ body: 'q' }, { author_id: 9, body: 'hi' }, { author_id: 2, body: 'which?' });
    expect((await convert(noAuthor, { map: parseFieldMap(['skip=none']) })).spoken).toEqual([
      ['1', 'user: hi', 'system: which?'],
    ]);
    const history = [
      { type: 'chat.msg', sender_type: 'Visitor', msg: 'hi' },
      { type: 'chat.msg', sender_type: 'Helper', msg: 'which?' },
    ];
    const chats = JSON.stringify({ chats: [{ id: '1', history }] });
    expect((await failureOf(() => convert(chats))).message).toContain(
      'The speaker "helper" is unknown. Say what it means: --map user=helper,',
    );
    expect((await convert(chats, { map: parseFieldMap(['system=helper']) })).spoken).toEqual([
      ['1', 'user: hi', 'system: which?'],
    ]);
  });
});

describe('an export that cannot be read', () => {
  const utf8 =
    'Text must be UTF-8, and this line or one soon after it is not. Convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`.';
  it.each<[string, string | Uint8Array, string, string]>([
    [
      'UTF-16',
      Buffer.from(`\uFEFF${lines}`, 'utf16le'),
      'CORPUS_BINARY',
      'This one is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8).',
    ],
    [
      'gzip',
      gzipSync(lines),
      'CORPUS_BINARY',
      'This one is compressed with gzip: decompress it first (gunzip).',
    ],
    [
      'an array in Windows-1252',
      Buffer.from(JSON.stringify([first]).replace('hi', 'größe'), 'latin1'),
      'CORPUS_NOT_UTF8',
      `export:1: ${utf8}`,
    ],
    [
      'CSV in Windows-1252',
      Buffer.from(csv('a,user,hi', 'a,agent,größe'), 'latin1'),
      'CORPUS_NOT_UTF8',
      `export:3: ${utf8}`,
    ],
    [
      'a torn array',
      JSON.stringify([first, second]).slice(0, -10),
      'CORPUS_JSON',
      'The file must be valid JSON, and ends in the middle. Export it again.',
    ],
    [
      'a comma too many',
      `[${JSON.stringify(first)},]`,
      'CORPUS_JSON',
      'JSON allows no comma before a closing bracket, and the file has one after conversation 1. Remove it.',
    ],
    [
      'several values',
      `${JSON.stringify(first, null, 2)}\n${JSON.stringify(second, null, 2)}`,
      'CORPUS_JSON',
      'The file has more than one JSON value. Write one array of conversations, or one conversation per line.',
    ],
    [
      'something before the JSON',
      `data: ${JSON.stringify(first)}`,
      'CORPUS_JSON',
      'The file must be JSON, which begins with [ or {. This one begins with something else.',
    ],
    [
      'a value that is none',
      `[${JSON.stringify(first)}, nope]`,
      'CORPUS_JSON',
      'The file must be valid JSON, and is not: there is an unexpected "o" after conversation 1. Export it again.',
    ],
    [
      'ids over 53 bits',
      JSON.stringify(chat(0, ['user', 'q'])).replace('0', '12345678901234567891'),
      'CORPUS_FIELD',
      'so that different ids would become one. Export ids as text.',
    ],
    [
      'a message of nobody',
      intercom({ part_type: 'comment', body: 'x', author: null }),
      'CORPUS_ROLE_UNKNOWN',
      'A message has no speaker. Say what it means: --map user=none, --map system=none or --map skip=none.',
    ],
    [
      'a speaker with a space',
      csv('a,Ada L,hi'),
      'CORPUS_ROLE_UNKNOWN',
      `Say what it means: --map 'user=ada l', --map 'system=ada l' or --map 'skip=ada l'.`,
    ],
    [
      'CSV with quotes that are not doubled',
      csv('a,user,she said "hi" to me'),
      'CORPUS_COLUMNS',
      'export:2: A text has quotes of its own that are not doubled.',
    ],
    [
      'CSV with a quote that stays open',
      csv('a,user,"hi'),
      'CORPUS_COLUMNS',
      'A text opens a quote that the file never closes.',
    ],
    [
      'CSV with separators that are not quoted',
      csv('a,user,hello, world'),
      'CORPUS_COLUMNS',
      'export:2: A row must have as many columns as the header (3), and this one has 4.',
    ],
    [
      'CSV with a row of no conversation',
      csv(',user,hi'),
      'CORPUS_FIELD',
      'export:2: Each row must name its conversation in the column "conversation_id". This one is empty there.',
    ],
    [
      'conversations that are too long',
      JSON.stringify(chat('a', ['user', 'x'.repeat(5e6)])),
      'CORPUS_EMPTY',
      'may have up to 4,194,304 bytes and 2,000 messages. All 1 in this export are longer. Split them.',
    ],
  ])('is refused with one sentence: %s', async (_, content, code, sentence) => {
    const error = await failureOf(() => convert(content));
    expect(error.message).toContain(sentence);
    expect(error.code).toBe(code);
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.message).not.toMatch(/in state|RIGHT_|Unexpected token|Invalid (Opening|Closing)/);
  });
});
