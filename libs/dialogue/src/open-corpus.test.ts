import { describe, expect, it } from 'vitest';
import { openCorpus, type OpenCorpusOptions } from './open-corpus.ts';
import { collected, failureOf, writtenCorpus } from './testing/written-corpus.ts';

const tsv =
  'OQ\thow \\? __eou__\tUser\nPA_GG\tlike \\( this \\) __eou__\tAgent\n\nOQ\twhy __eou__\tUser\nIR\twhich one \\? __eou__\tAgent\n';
const jsonLine =
  '{"utterances":[{"role":"user","text":"a"},{"role":"system","text":"b","initiative":true}]}\n';

async function read(files: Record<string, string | Uint8Array>, name = '.', options: OpenCorpusOptions = {}) {
  await using corpus = await writtenCorpus(files);
  const opened = await openCorpus(corpus.path(name), options);
  return { format: opened.format, conversations: await collected(opened.conversations()) };
}

describe('openCorpus on a file', () => {
  it('reads the TSV of MSDialog, and keeps a last conversation that no blank line ends', async () => {
    const { format, conversations } = await read({ 'my.tsv': tsv }, 'my.tsv');
    expect(format).toBe('msdialog-tsv');
    expect(conversations).toMatchObject([
      {
        id: 'my-1',
        source: { line: 1 },
        utterances: [
          { role: 'user', text: 'how ?', tags: ['OQ'] },
          { role: 'system', text: 'like ( this )', tags: ['PA', 'GG'] },
        ],
      },
      {
        id: 'my-2',
        source: { line: 4 },
        utterances: [{ text: 'why' }, { text: 'which one ?', tags: ['IR'] }],
      },
    ]);
    expect(conversations[0]).not.toHaveProperty('split');
  });

  it('reads the official JSON of MSDialog, tagged or not, and recognizes it also on one line', async () => {
    const dialogues = {
      '77': {
        title: 'Stuck',
        category: 'Windows',
        utterances: [
          { id: 1, utterance_pos: 1, actor_type: 'User', utterance: ' help ', tags: ' OQ ' },
          { id: 2, utterance_pos: 2, actor_type: 'Agent', utterance: 'how', tags: 'IR GG' },
        ],
      },
      '78': { title: null, utterances: [{ actor_type: 'User', utterance: 'x' }] },
    };
    for (const indent of [undefined, 4]) {
      const { format, conversations } = await read(
        { 'MSDialog-Intent.json': JSON.stringify(dialogues, null, indent) },
        'MSDialog-Intent.json',
      );
      expect(format).toBe('msdialog-json');
      expect(conversations).toMatchObject([
        {
          id: '77',
          title: 'Stuck',
          utterances: [
            { role: 'user', text: 'help', tags: ['OQ'] },
            { role: 'system', text: 'how', tags: ['IR', 'GG'] },
          ],
        },
        { id: '78', utterances: [{ role: 'user', text: 'x' }] },
      ]);
      expect(conversations[1]?.utterances[0]).not.toHaveProperty('tags');
    }
  });

  it('reads ClariQ: one conversation a topic, quotes and line ends inside them, need 2 to 4 as initiative', async () => {
    const clariq = [
      'topic_id\tinitial_request\tclarification_need\tquestion_id\tquestion',
      '1\t"Tell me about ""Obama""\tnow"\t2\tQ1\twhich one',
      '1\t"Tell me about ""Obama""\tnow"\t2\tQ2\twhat else',
      '2\t"two\nlines"\t1\tQ00001\t',
      '3\tplain "quoted" text\t4\tQ3\tok\n',
    ].join('\n');
    const { format, conversations } = await read({ 'dev.tsv': clariq }, 'dev.tsv');
    expect(format).toBe('clariq');
    expect(
      conversations.map(({ id, source, utterances }) => [
        id,
        source?.line,
        utterances[0]?.text,
        utterances[1]?.initiative,
      ]),
    ).toEqual([
      ['dev-1', 2, 'Tell me about "Obama"\tnow', true],
      ['dev-2', 4, 'two\nlines', false],
      ['dev-3', 6, 'plain "quoted" text', true],
    ]);
  });

  it('reads JSON Lines, with ids of their own or not', async () => {
    const line =
      '{"id":"x","split":"dev","title":"t","meta":{"n":1},"utterances":[{"role":"Agent","text":"a","tags":["GG"],"meta":[]}]}';
    const { format, conversations } = await read({ 'a.jsonl': `${jsonLine}\n${line}` }, 'a.jsonl');
    expect(format).toBe('jsonl');
    expect(conversations).toMatchObject([
      { id: 'a-1' },
      {
        id: 'x',
        split: 'valid',
        title: 't',
        utterances: [{ role: 'system', text: 'a', tags: ['GG'] }],
        source: { line: 3 },
      },
    ]);
    expect(conversations[1]?.utterances[0]).not.toHaveProperty('meta');
  });

  it('opens a file URL', async () => {
    await using corpus = await writtenCorpus({ 'a b.jsonl': jsonLine });
    expect(await openCorpus(new URL(`file://${corpus.path('a b.jsonl')}`).href)).toMatchObject({
      format: 'jsonl',
      path: corpus.path('a b.jsonl'),
    });
  });
});

describe('openCorpus on a folder', () => {
  const clariqTrain = 'topic_id\tinitial_request\tclarification_need\tquestion\n1\ta\t2\twhich\n';
  const clariqTest = 'topic_id\tinitial request\n201\tx\n';

  it('leaves the test split of ClariQ out that has no labels, says which file has them, and takes that one when it is there', async () => {
    const files = { 'train.tsv': clariqTrain, 'dev.tsv': clariqTrain, 'test.tsv': clariqTest };
    for (const labels of [
      {} as Record<string, string>,
      { 'test_with_labels.tsv': clariqTrain.replace('1\ta', '9\tb') },
    ]) {
      await using corpus = await writtenCorpus({ ...files, ...labels });
      const opened = await openCorpus(corpus.dir);
      expect(opened.notices).toEqual([
        'test.tsv has no labels and is left out: it has no column clarification_need; ClariQ publishes the labels of test.tsv in test_with_labels.tsv.',
      ]);
      const ids = (await collected(opened.conversations())).map(({ id, split }) => `${id} ${split}`);
      expect(ids).toEqual([
        'train-1 train',
        'dev-1 valid',
        ...('test_with_labels.tsv' in labels ? ['test_with_labels-9 test'] : []),
      ]);
    }
  });

  it('does not train without the labels of the training split', async () => {
    const error = await failureOf(() => read({ 'train.tsv': clariqTest, 'dev.tsv': clariqTrain }));
    expect(error.message).toContain(
      'clarification_need is missing; it has "topic_id", "initial_request". ClariQ publishes the labels of test.tsv in test_with_labels.tsv.',
    );
  });

  it('reads each file after its byte order mark, and the marks that files put together have in their middle', async () => {
    const { conversations } = await read({
      'train.jsonl': `\uFEFF${jsonLine}\uFEFF${jsonLine}`,
      'valid.jsonl': `\uFEFF\r\n${jsonLine.replace('\n', '\r\n')}\r\n`,
    });
    expect(conversations.map(({ id }) => id)).toEqual(['train-1', 'train-2', 'valid-2']);
    expect((await read({ 'train.tsv': `\uFEFF${tsv}\n\uFEFF${tsv}` })).conversations).toHaveLength(4);
  });

  it('names a compressed file', async () => {
    const error = await failureOf(() => read({ 'train.jsonl.gz': 'x' }));
    expect(error.message).toContain('It has "train.jsonl.gz", which is compressed: decompress it first.');
  });

  it('reads train, then valid (or dev), then test, and ignores other files', async () => {
    const { conversations } = await read({
      'test.tsv': tsv,
      'dev.tsv': tsv,
      'train.tsv': tsv,
      'README.md': '#',
    });
    expect(conversations.map(({ id, split }) => `${id} ${split}`)).toEqual([
      'train-1 train',
      'train-2 train',
      'dev-1 valid',
      'dev-2 valid',
      'test-1 test',
      'test-2 test',
    ]);
  });

  it.each<[string, Record<string, string>, string, string]>([
    [
      'no train split',
      { 'valid.tsv': tsv, 'notes.txt': '' },
      'CORPUS_NO_TRAIN_SPLIT',
      'It has "notes.txt", "valid.tsv": rename the file, or give its path instead of the folder\'s.',
    ],
    [
      'two files for one split',
      { 'train.tsv': tsv, 'dev.tsv': tsv, 'valid.tsv': tsv },
      'CORPUS_SPLIT_AMBIGUOUS',
      'dev.tsv and valid.tsv are both valid',
    ],
    [
      'two formats',
      { 'train.tsv': tsv, 'valid.jsonl': jsonLine },
      'CORPUS_FORMATS_MIXED',
      'train.tsv is msdialog-tsv, valid.jsonl is jsonl',
    ],
    [
      'a line that names another split',
      { 'train.jsonl': jsonLine.replace('{', '{"split":"test",') },
      'CORPUS_SPLIT_CONFLICT',
      'Got test instead.',
    ],
  ])('refuses %s', async (_, files, code, message) => {
    const error = await failureOf(() => read(files));
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain(message);
  });
});
