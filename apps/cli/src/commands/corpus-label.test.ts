import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectCorpus, openCorpus, parseConversationLine } from '@overture/dialogue';
import { inventedExports } from '@overture/dialogue/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testContext } from '../testing/test-context.ts';
import { convert } from './corpus-convert.ts';
import { label } from './corpus-label.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-label-'));
  file = join(folder, 'corpus.jsonl');
  await writeFile(join(folder, 'export.json'), inventedExports.intercom(30));
  await convert(testContext(folder), 'export.json', { from: 'auto', to: 'corpus.jsonl', map: [] });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* pressed(keys: readonly string[], end?: Error): AsyncGenerator<string> {
  yield* keys;
  if (end) throw end;
}
const times = (n: number, key: string): string[] => Array.from({ length: n }, () => key);
const sources = async (): Promise<Readonly<Record<string, number>>> =>
  (await inspectCorpus(await openCorpus(file))).total.labelSources;

describe('overture corpus label', () => {
  it('asks about turns, with the rule beside the person, and writes labels into the corpus', async () => {
    const context = testContext(folder);
    await label(context, 'corpus.jsonl', {}, pressed(['y', 'x', 'n', 's', 'q']));
    expect(context.terminal.err).toMatch(/── 1 of \d+ {3}\d+#\d {3}drawn at random\nuser {4}|── 1 of \d+/);
    expect(context.terminal.err).toMatch(
      /Does the system take the initiative here\? The rule says (yes|no)\. {3}y initiative {3}n no initiative {3}s skip {3}u undo {3}q save and quit/,
    );
    expect(context.terminal.err).toMatch(/── 3 of \d+ .*the rule agrees on [01] of 1 drawn at random/);
    expect(context.terminal.out).toMatch(
      /corpus\.jsonl: 2 turns labeled by you\. The rule question agrees on [01] of the 1 that were drawn at random\./,
    );
    expect(await sources()).toEqual({ person: 2 });
    expect(await readdir(folder)).toEqual(['corpus.jsonl', 'export.json']);
  });

  it('takes an answer back, and asks about the same turn again', async () => {
    const context = testContext(folder);
    await label(context, 'corpus.jsonl', {}, pressed(['u', 'y', 'u', 'n', 'q']));
    const asked = [...context.terminal.err.matchAll(/── \d+ of \d+ {3}(\S+)/g)].map(([, id]) => id);
    expect(context.terminal.err).toContain('There is nothing to undo.');
    expect(asked[0]).toBe(asked[2]);
    const lines = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((line, i) => parseConversationLine(line, { file, line: i + 1 }));
    const labels = lines
      .flatMap(({ utterances }) => utterances)
      .filter(({ labelSource }) => labelSource === 'person');
    expect(labels.map(({ initiative }) => initiative)).toEqual([false]);
  });

  it('resumes a session that broke off, also in the middle of writing an answer', async () => {
    await expect(
      label(
        testContext(folder),
        'corpus.jsonl',
        {},
        pressed(times(7, 'y'), new Error('the terminal was closed')),
      ),
    ).rejects.toThrow('the terminal was closed');
    expect(await sources()).toEqual({});
    await writeFile(`${file}.labels`, `${await readFile(`${file}.labels`, 'utf8')}{"id":"torn`);
    const context = testContext(folder);
    await label(context, 'corpus.jsonl', {}, pressed(['n', 'q']));
    expect(context.terminal.err).toContain(`Resuming after 7 answers of ${file}.labels.`);
    expect(context.terminal.err).toContain('── 8 of ');
    expect(await sources()).toEqual({ person: 8 });
  });

  it('asks on to the last turn, learning from the answers, and never about one twice', async () => {
    const context = testContext(folder);
    await label(
      context,
      'corpus.jsonl',
      { to: 'labeled.jsonl' },
      pressed(Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? 'y' : 'n'))),
    );
    const asked = [
      ...context.terminal.err.matchAll(/── \d+ of (\d+) {3}(\S+) {3}(drawn at random|a model is unsure)/g),
    ];
    expect(asked).toHaveLength(Number(asked[0]![1]));
    expect(new Set(asked.map(([, , id]) => id)).size).toBe(asked.length);
    expect(asked.slice(0, 40).filter(([, , , how]) => how === 'a model is unsure').length).toBe(30);
    expect(context.terminal.err).toContain('That was the last one.');
    expect(await sources()).toEqual({});
  });

  it('labels by a rule what has no label, and keeps what a person said', async () => {
    await label(testContext(folder), 'corpus.jsonl', {}, pressed([...times(3, 'y'), 'q']));
    const context = testContext(folder, { json: true });
    await label(context, 'corpus.jsonl', { rule: 'question' });
    const { initiative, noInitiative, kept } = JSON.parse(context.terminal.out) as Record<string, number>;
    expect(kept).toBe(3);
    expect(await sources()).toEqual({ person: 3, 'rule:question': initiative! + noInitiative! });
  });

  it('refuses to overwrite, and says what it needs', async () => {
    await writeFile(join(folder, 'other.jsonl'), 'x');
    await expect(
      label(testContext(folder), 'corpus.jsonl', { to: 'other.jsonl', rule: 'question' }),
    ).rejects.toThrow(
      'other.jsonl exists already. Choose another name with --to, or overwrite it with --force.',
    );
    await expect(label(testContext(folder), 'export.json', {})).rejects.toThrow(
      'It looks like an export: Intercom conversations. Convert it: overture corpus convert',
    );
    await expect(label(testContext(folder), 'corpus.jsonl', { rule: 'guess' })).rejects.toThrow(
      'A labeling rule must be one of question (',
    );
    await expect(
      convert(testContext(folder), 'export.json', { from: 'auto', to: 'corpus.jsonl', map: [] }),
    ).rejects.toThrow('corpus.jsonl exists already.');
    await expect(
      convert(testContext(folder), 'export.json', { from: 'slack', to: 'new.jsonl', map: [] }),
    ).rejects.toThrow(
      '--from must be one of auto, intercom, zendesk, sharegpt, openai, csv, json. Got "slack" instead.',
    );
    expect(await readdir(folder)).toEqual(['corpus.jsonl', 'export.json', 'other.jsonl']);
  });
});
