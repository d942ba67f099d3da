import { describe, expect, it } from 'vitest';
import { openCorpus, type OpenCorpusOptions } from './open-corpus.ts';
import { collected, failureOf, writtenCorpus } from './testing/written-corpus.ts';

const jsonLine =
  '{"utterances":[{"role":"user","text":"a"},{"role":"system","text":"b","initiative":true}]}\n';

async function read(files: Record<string, string | Uint8Array>, name = '.', options: OpenCorpusOptions = {}) {
  await using corpus = await writtenCorpus(files);
  const opened = await openCorpus(corpus.path(name), options);
  return { format: opened.format, conversations: await collected(opened.conversations()) };
}

describe('openCorpus on bad input', () => {
  const cases: [
    what: string,
    content: string | Uint8Array,
    code: string,
    details: object,
    message: string,
  ][] = [
    ['an empty file', '', 'CORPUS_EMPTY', {}, 'this file is empty'],
    ['white space', ' \n \n', 'CORPUS_EMPTY', {}, 'nothing but white space'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), 'CORPUS_BINARY', {}, 'decompress it first (gunzip)'],
    ['UTF-16', Buffer.from('\uFEFFOQ\ta\tUser', 'utf16le'), 'CORPUS_BINARY', {}, 'is UTF-16'],
    [
      'a binary file',
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1),
      'CORPUS_BINARY',
      {},
      'NUL bytes: it is a file of another kind',
    ],
    [
      'prose',
      'Dear reader,\nthis is no corpus.\n',
      'CORPUS_FORMAT_UNKNOWN',
      { line: 1 },
      'MSDialog, official JSON (msdialog-json)',
    ],
    [
      'two columns',
      'OQ\ta\tUser\n\nOQ\tb\n',
      'CORPUS_COLUMNS',
      { line: 3 },
      'A line must have 3 columns separated by tabs: tags, text, User or Agent. Got 2 instead.',
    ],
    [
      'an unknown tag',
      'OQ_XX\ta\tUser\n',
      'CORPUS_TAG_UNKNOWN',
      { line: 1, key: 'column 1' },
      'Got "XX" instead',
    ],
    [
      'an unknown role',
      'OQ\ta\tBot\n',
      'CORPUS_ROLE_UNKNOWN',
      { line: 1, key: 'column 3' },
      'A role must be one of user, system, agent, assistant. Got "Bot" instead.',
    ],
    [
      'invalid UTF-8',
      Buffer.from('OQ\ta\tUser\nPA\t\xe9\tAgent\n', 'latin1'),
      'CORPUS_NOT_UTF8',
      { line: 2 },
      'Convert the file',
    ],
    [
      'a ClariQ header without a column',
      'topic_id\tinitial_request\n',
      'CORPUS_COLUMNS',
      { line: 1 },
      'clarification_need is missing',
    ],
    [
      'a ClariQ row with a column too few',
      'topic_id\tinitial_request\tclarification_need\n1\ta\n',
      'CORPUS_COLUMNS',
      { line: 2 },
      'A row must have 3 columns, like the header. Got 2 instead.',
    ],
    [
      'a ClariQ need that is none',
      'topic_id\tinitial_request\tclarification_need\n1\ta\t5\n',
      'CORPUS_FIELD',
      { line: 2, key: 'clarification_need' },
      'must be 1, 2, 3 or 4. Got "5" instead.',
    ],
    [
      'a ClariQ topic with two needs',
      'topic_id\tinitial_request\tclarification_need\n1\ta\t2\n1\ta\t3\n',
      'CORPUS_FIELD',
      { line: 3 },
      'Topic 1 has 2 before and "3" here.',
    ],
    [
      'a ClariQ quote left open',
      'topic_id\tinitial_request\tclarification_need\n1\t"a\t2\n',
      'CORPUS_COLUMNS',
      { line: 2 },
      'is never closed',
    ],
    [
      'a header only',
      'topic_id\tinitial_request\tclarification_need\n',
      'CORPUS_EMPTY',
      {},
      'this file has none',
    ],
    ['a broken line', `${jsonLine}{"utterances":[`, 'CORPUS_JSON', { line: 2 }, 'not valid JSON'],
    ['a line that is a list', `${jsonLine}[]`, 'CORPUS_JSON', { line: 2 }, 'Got [] instead.'],
    [
      'an unknown JSON tag',
      jsonLine.replace('"b"', '"b","tags":["CQ","zz"]'),
      'CORPUS_TAG_UNKNOWN',
      { line: 1, key: 'utterances[1].tags[1]' },
      'Got "zz" instead',
    ],
    [
      'an unknown JSON role',
      jsonLine.replace('system', 'bot'),
      'CORPUS_ROLE_UNKNOWN',
      { line: 1, key: 'utterances[1].role' },
      'Got "bot" instead.',
    ],
    [
      'a misspelt key',
      jsonLine.replace('initiative', 'initative'),
      'CORPUS_FIELD',
      { line: 1, key: 'utterances[1]' },
      'Got ["initative"] besides',
    ],
    [
      'a text that is a number',
      jsonLine.replace('"a"', '1'),
      'CORPUS_FIELD',
      { line: 1, key: 'utterances[0].text' },
      'The text must be a string. Got 1 instead.',
    ],
    [
      'a text that is missing',
      '{"utterances":[{"role":"user"}]}',
      'CORPUS_FIELD',
      { line: 1, key: 'utterances[0].text' },
      'Got nothing instead.',
    ],
    [
      'no utterances',
      '{"utterances":[]}',
      'CORPUS_FIELD',
      { line: 1, key: 'utterances' },
      'at least one utterance',
    ],
    [
      'a dialogue without utterances',
      '{"7":{"title":"x"}}',
      'CORPUS_FIELD',
      { line: 1, key: '7.utterances' },
      'It is missing: it must be a list.',
    ],
    [
      'a dialogue with an unknown actor',
      '{"7":{"utterances":[{"actor_type":"Bot","utterance":"x"}]}}',
      'CORPUS_ROLE_UNKNOWN',
      { key: '7.utterances[0].actor_type' },
      'Got "Bot" instead.',
    ],
    [
      'a dialogue with an unknown tag',
      '{"7":{"utterances":[{"actor_type":"User","utterance":"x","tags":"OQ ??"}]}}',
      'CORPUS_TAG_UNKNOWN',
      { key: '7.utterances[0].tags' },
      'Got "??" instead',
    ],
    ['an empty object of dialogues', '{}', 'CORPUS_EMPTY', {}, 'this file has none'],
  ];

  it.each(cases)('refuses %s, naming the place', async (_, content, code, details, message) => {
    const error = await failureOf(() => read({ 'a.txt': content }, 'a.txt'));
    expect(error).toMatchObject({ code, retryable: false, details });
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^\/\S+\/a\.txt(:\d+)?( \(.+?\))?: /);
  });

  it('refuses a line of 50 MB', async () => {
    const error = await failureOf(() =>
      read({ 'a.jsonl': `${jsonLine}{"utterances":"${'x'.repeat(50_000_000)}"}\n` }, 'a.jsonl'),
    );
    expect(error).toMatchObject({ code: 'CORPUS_LINE_TOO_LONG', details: { line: 2 } });
  });

  it('refuses a conversation without end, in every format', async () => {
    const limits = { utterances: 3 };
    const utterance = { role: 'user', text: 'x' };
    const dialogue = {
      utterances: Array.from({ length: 4 }, () => ({ actor_type: 'User', utterance: 'x' })),
    };
    const endless = [
      'OQ\tx\tUser\n'.repeat(4),
      JSON.stringify({ '7': dialogue }),
      JSON.stringify({ utterances: [utterance, utterance, utterance, utterance] }),
    ];
    for (const content of endless) {
      const error = await failureOf(() => read({ 'a.txt': content }, 'a.txt', { limits }));
      expect(error).toMatchObject({ code: 'CORPUS_CONVERSATION_TOO_LONG', details: { line: 1 } });
      expect(error.message).toContain('up to 3 utterances');
    }
  });

  it('refuses a path where nothing is, and one that is no regular file', async () => {
    expect(await failureOf(() => read({}, 'missing.tsv'))).toMatchObject({
      code: 'CORPUS_NOT_FOUND',
      retryable: false,
      message: expect.stringContaining('Nothing is there: check the path.') as string,
    });
    expect(await failureOf(() => openCorpus('/dev/null'))).toMatchObject({ code: 'CORPUS_UNREADABLE' });
    expect(await failureOf(() => openCorpus('x', { format: 'xml' as 'auto' }))).toMatchObject({
      message: 'A corpus format must be auto, clariq, msdialog-json, jsonl, msdialog-tsv. Got "xml" instead.',
    });
  });
});

describe('several problems', () => {
  it('are reported together, also with the one that ends the reading, and nothing is yielded after the first', async () => {
    const content = Buffer.from('XX\ta\tUser\n\nOQ\tb\tBot\n\nOQ\tc\n\nOQ\t\xe9\tUser\n', 'latin1');
    await using corpus = await writtenCorpus({ 'a.tsv': content });
    const opened = await openCorpus(corpus.path('a.tsv'));
    const seen: unknown[] = [];
    const error = await failureOf(async () => {
      for await (const conversation of opened.conversations()) seen.push(conversation);
    });
    expect(seen).toEqual([]);
    expect(error.code).toBe('CORPUS_INVALID');
    expect(error.message.split('\n')).toHaveLength(5);
    expect(error.message).toMatch(/^4 problems:\n- .*a\.tsv:1 \(column 1\): A tag/);
    expect(
      (error.details['faults'] as { code: string; line: number }[]).map(({ code, line }) => [code, line]),
    ).toEqual([
      ['CORPUS_TAG_UNKNOWN', 1],
      ['CORPUS_ROLE_UNKNOWN', 3],
      ['CORPUS_COLUMNS', 5],
      ['CORPUS_NOT_UTF8', 7],
    ]);
  });

  it('stop at the limit', async () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `X${i}\ta\tUser\n`).join('');
    const error = await failureOf(() => read({ 'a.tsv': lines }, 'a.tsv'));
    expect(error.code).toBe('CORPUS_TAG_UNKNOWN');
    expect(error.message).toMatch(/^At least 10 problems:/);
    expect(error.details['faults']).toHaveLength(10);
  });

  it('are counted when they are equal', async () => {
    const every = await failureOf(() => read({ 'a.tsv': 'XX\ta\tUser\n'.repeat(1_500) }, 'a.tsv'));
    expect(every.message).toMatch(
      /a\.tsv, all 1,500 lines \(column 1\): A tag must be one of .* Got "XX" instead/,
    );
    expect(every.details['faults']).toMatchObject([{ line: 1, lines: 1_500 }]);
    const some = await failureOf(() =>
      read(
        {
          'a.jsonl': `${jsonLine}${jsonLine.replace('"b"', '7').repeat(3)}${jsonLine.replace('user', 'bot')}`,
        },
        'a.jsonl',
      ),
    );
    expect(some.message).toMatch(
      /^2 problems:\n- .*a\.jsonl:2 and 2 more lines \(utterances\[1\]\.text\): The text must be a string. Got 7 instead.\n- .*a\.jsonl:5 \(/,
    );
  });

  it('of a wrong file of any size are reported after its first ten thousand lines', async () => {
    const error = await failureOf(() =>
      read({ 'a.jsonl': '{"prompt":"a","completion":"b"}\n'.repeat(30_000) }, 'a.jsonl'),
    );
    expect(error.message).toMatch(
      /a\.jsonl, all of the first 10,000 lines \(utterances\): A line must be a conversation, with the key "utterances"\. This one has the keys "prompt", "completion"\.$/,
    );
  });
});

describe('one sentence says what a file is', () => {
  const packageJson = JSON.stringify(
    { name: 'x', version: '1.0.0', scripts: { a: 'b' }, dependencies: {} },
    null,
    2,
  );
  it.each<[string, string | Uint8Array, string]>([
    [
      'a JSON array',
      `[\n${jsonLine.trim()},\n${jsonLine}]`,
      "The file is one JSON array. Write one conversation per line instead, for instance with `jq -c '.[]' FILE > corpus.jsonl`.",
    ],
    ['a JSON array on one line', `[${jsonLine.trim()},${jsonLine.trim()}]`, 'The file is one JSON array.'],
    [
      'a package.json',
      packageJson,
      'The file is one JSON value over several lines, with the keys "name", "version", "scripts", …. A corpus has one conversation per line, with the key "utterances".',
    ],
    [
      'a package.json on one line',
      JSON.stringify(JSON.parse(packageJson)),
      'A line must be a conversation, with the key "utterances". This one has the keys "name", "version", "scripts", "dependencies".',
    ],
    [
      'lines that end with commas',
      jsonLine.replace('\n', ',\n').repeat(150),
      ', all 150 lines: The line ends with a comma after the JSON object. Remove the comma',
    ],
    [
      'a comma before a bracket',
      jsonLine.replace('}]', '},]'),
      'JSON allows no comma before a closing bracket, and this line has one. Remove it.',
    ],
    [
      'a dict of Python',
      "{'utterances': []}\n",
      'JSON needs double quotes, and this line has single ones, as Python prints a dict. Write it with json.dumps.',
    ],
    ['NaN', jsonLine.replace('true', 'NaN'), 'JSON has no NaN and no Infinity, and this line has one.'],
    [
      'two objects on a line',
      jsonLine.trim() + jsonLine,
      'The line has several JSON objects. Put each on a line of its own.',
    ],
    [
      'carriage returns alone',
      jsonLine.replace('\n', '\r').repeat(3),
      "Lines must end with a line feed, and this file's end with a carriage return only.",
    ],
    [
      'UTF-16 without a mark',
      Buffer.from(jsonLine, 'utf16le'),
      'This one is UTF-16 without a byte order mark: convert it to UTF-8 first',
    ],
    ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), 'This one is UTF-32'],
    [
      'zstd',
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 1),
      'This one is compressed with zstd: decompress it first (unzstd).',
    ],
    ['Parquet', Buffer.from('PAR1....'), 'This one is Parquet: write it as JSON Lines first'],
    [
      'Latin-1',
      Buffer.from(jsonLine.repeat(2) + jsonLine.replace('"b"', '"caf\xe9"'), 'latin1'),
      ':3: Text must be UTF-8, and this line is not: byte 71 is 0xE9, in Windows-1252 "é".',
    ],
    [
      'an id that JSON cannot keep',
      jsonLine.replace('{', '{"id":12345678901234567890,'),
      'id must be text of 1 to 500 characters, or a whole number that JSON keeps exactly',
    ],
    [
      'prompts only',
      '{"utterances":[{"role":"developer","text":"Be brief."}]}',
      'A conversation must have an utterance of a user or an agent. This one has system prompts only: leave it out.',
    ],
  ])('%s', async (_, content, message) => {
    const error = await failureOf(() => read({ 'a.jsonl': content }, 'a.jsonl'));
    expect(error.message).toContain(message);
    expect(error.message.split('\n')).toHaveLength(1);
    expect(error.retryable).toBe(false);
  });
});
