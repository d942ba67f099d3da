import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InterruptedError } from './interrupts.ts';
import { runCli } from './run-cli.ts';
import { testContext } from './testing/test-context.ts';

let folder: string;
const files = ['array.json', 'chats.json', 'dialogues.jsonl', 'other.jsonl', 'package.json'];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-check-'));
  await writeFile(
    join(folder, 'chats.json'),
    '{"messages":[{"role":"user","content":"Hello?"},{"role":"assistant","content":"Yes?"}]}',
  );
  await writeFile(join(folder, 'array.json'), '[{"id":"a"}]');
  await writeFile(join(folder, 'package.json'), '{\n  "name": "x",\n  "version": "1.0.0"\n}\n');
  await writeFile(join(folder, 'other.jsonl'), '{"name":"x"}\n{"name":"y"}\n');
  await writeFile(
    join(folder, 'dialogues.jsonl'),
    '{"id":"a","utterances":[{"role":"user","text":"Hello?"},{"role":"system","text":"Yes?","initiative":true}]}\n',
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function overture(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; err: string }> {
  let context = testContext(folder, { env });
  const code = await runCli(args, (json) => (context = testContext(folder, { json, env })));
  return { code, err: context.terminal.err };
}

describe('before any server starts', () => {
  it.each([
    [
      'larger than Temporal takes',
      JSON.stringify({ corpus: { uri: 'x'.repeat(1_100_000) } }),
      'is larger than 1,000 kB. Put the data into a file and name that instead.',
    ],
    [
      'nested 10,000 levels deep',
      `{"corpus": ${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      'a is not a known key.',
    ],
    [
      'with 8,000 unknown keys',
      `{${Array.from({ length: 8_000 }, (_, i) => `"k${i}": ${i}`).join()}}`,
      'And 7,990 more.',
    ],
  ])('refuses an input that is %s in a few lines', async (_, input, message) => {
    await writeFile(join(folder, 'input.json'), input);
    const { code, err } = await overture(['train', '--input', 'input.json']);
    expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining(message) as string });
    expect(err.length).toBeLessThan(4_000);
  });

  it.each([
    [
      'train --corpus dialouges.jsonl',
      3,
      'dialouges.jsonl does not exist. Check the path: it must be a file or a folder with dialogues. Did you mean "dialogues.jsonl"? [CORPUS_NOT_FOUND]',
    ],
    ['crossvalidate --corpus nope', 3, 'nope does not exist. Check the path'],
    ['sweep --corpus nope', 3, '[CORPUS_NOT_FOUND]'],
    ['study --corpus nope', 3, '[CORPUS_NOT_FOUND]'],
    ['promote support --corpus nope', 3, '[CORPUS_NOT_FOUND]'],
    ['schedule create nightly --every 1d --corpus nope', 3, '[CORPUS_NOT_FOUND]'],
    ['evaluate --model support --corpus nope', 3, '[CORPUS_NOT_FOUND]'],
    [
      'evaluate --model support --corpus dialogues.jsonl --split dev',
      2,
      '--split must be one of all, train, valid, test. Got "dev" instead.',
    ],
    ['predict --model support nope.jsonl', 3, 'nope.jsonl does not exist'],
    [
      'train --corpus dialogues.jsonl --force finetune',
      3,
      'Got "finetune" instead. Did you mean "fineTune"?',
    ],
    [
      'train --corpus dialogues.jsonl --from-run train-1 --from-stage evalute',
      3,
      'Got "evalute" instead. Did you mean "evaluate"?',
    ],
    [
      'train --corpus dialogues.jsonl --set trainning.epochs=2',
      3,
      'trainning is not a known key. Did you mean "training"? Known here:',
    ],
    [
      'plan trainInitiativModel',
      2,
      'Got "trainInitiativModel" instead. Did you mean "trainInitiativeModel"?',
    ],
    [
      'train --input [1]',
      3,
      '--input must be a JSON object, or a file with one. Got "[1]": that is not an object. [INPUT_UNREADABLE]',
    ],
    [
      'train --input null',
      3,
      '--input must be a JSON object, or a file with one. Got "null": that is not an object.',
    ],
    ['train --input {"a', 3, '--input must be a JSON object, or a file with one. Got "{\\"a": '],
    ['train --input nope.json', 3, 'nope.json: ENOENT'],
    [
      'train --corpus chats.json',
      3,
      'chats.json:1: It looks like an export: OpenAI chat messages. Convert it: overture corpus convert /',
    ],
    [
      'schedule create nightly --every 1d --corpus chats.json',
      3,
      'It looks like an export: OpenAI chat messages.',
    ],
    ['corpus inspect chats.json', 3, '--from openai --to corpus.jsonl [CORPUS_FORMAT_UNKNOWN]'],
    ['train --corpus array.json', 3, 'The file is one JSON array. Write one conversation per line instead'],
    [
      'train --corpus package.json',
      3,
      'The file is one JSON value over several lines, with the keys "name", "version". A corpus has one conversation per line',
    ],
    [
      'train --corpus other.jsonl',
      3,
      'other.jsonl, all 2 lines (utterances): A line must be a conversation, with the key "utterances". This one has the key "name".',
    ],
    [
      'train --base bert-base',
      3,
      'The base model must be one of "minilm", "smollm2", "tiny", or the path of a folder',
    ],
    ['train --set training.lora=none', 3, 'training.lora must be an object. Got "none" instead.'],
    ['corpus convert chats.json --to c.jsonl --from opena', 3, 'Got "opena" instead. Did you mean "openai"?'],
    [
      'corpus convert chats.json --to c.jsonl --labels quesion',
      3,
      'Got "quesion" instead. Did you mean "question"?',
    ],
    [
      'corpus convert chats.json --to c.jsonl --map messags=a',
      2,
      'Got "messags=a" instead. Did you mean "messages"?',
    ],
    ['trian', 2, '(Did you mean train?)'],
    ['train --nmae x', 2, '(Did you mean --name?)'],
    ['runs lst', 2, '(Did you mean ls?)'],
  ])('answers "overture %s" with exit code %i and a sentence', async (line, code, sentence) => {
    const answer = await overture(line.split(' '));
    expect(answer.err).toContain(sentence);
    expect(answer.code).toBe(code);
    expect(await readdir(folder)).toEqual(files);
  });

  it('checks environment variables, all at once', async () => {
    const wrong = {
      OVERTURE_THREADS: 'many',
      OVERTURE_QUEUES: 'heavy',
      DATABASE_URL: 'secret',
      TEMPORAL_ADDRESS: 'my host',
    };
    expect(await overture(['runs', 'ls'], wrong)).toEqual({
      code: 3,
      err: 'error: OVERTURE_THREADS must be a whole number from 1. Got "many" instead. OVERTURE_QUEUES must list queues out of light, train, joined by commas. Got "heavy" instead. DATABASE_URL must be a URL that begins with postgres:// or postgresql://. TEMPORAL_ADDRESS must be host:port. Got "my host" instead. [ENVIRONMENT_INVALID]\n',
    });
    const { err } = await overture(['corpus', 'inspect', 'dialogues.jsonl'], { OVERTURE_HOEM: '/x' });
    expect(err).toContain(
      'warning: The environment variable OVERTURE_HOEM has no meaning. Did you mean "OVERTURE_HOME"?',
    );
  });

  it.each([
    ['--nope', "error: unknown option '--nope'"],
    ['--corpus=nope', 'nope does not exist. Check the path'],
  ])('loads neither Temporal nor onnxruntime to answer a wrong flag: train %s', async (flag, sentence) => {
    const bin = resolve(import.meta.dirname, '..', 'bin', 'overture.mjs');
    const hook = resolve(import.meta.dirname, 'testing', 'list-modules.mjs');
    const err = await new Promise<string>((done) =>
      execFile(
        process.execPath,
        ['--import', hook, bin, 'train', flag],
        { cwd: folder, env: { ...process.env, TEMPORAL_ADDRESS: '' } },
        (_, __, stderr) => done(stderr),
      ),
    );
    expect(err).toContain(sentence);
    const packages = new Set(
      [...err.matchAll(/^loaded .*\/node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name),
    );
    expect([...packages].sort()).toEqual(['@noble/hashes', 'commander']);
  });
});

describe('a home that cannot be used', () => {
  it.each([
    ['/etc/hostname', 'it is a file'],
    ['/proc/nope', 'the file system does not allow new folders there (ENOENT)'],
  ])('is refused at once: OVERTURE_HOME=%s', async (home, why) => {
    const context = testContext(folder, { env: { OVERTURE_HOME: home } });
    const code = await runCli(['runs', 'ls'], () => ({ ...context, home }));
    expect(context.terminal.err).toBe(
      `error: OVERTURE_HOME must be a folder that Overture can write to. ${home} is not: ${why}. Set OVERTURE_HOME to another folder. [FOLDER_UNUSABLE]\n`,
    );
    expect(code).toBe(3);
  });
});

describe('an interruption', () => {
  it('does not wait for the code of a command', async () => {
    const interrupted = { ...testContext(folder), interrupt: AbortSignal.abort(new InterruptedError()) };
    expect(await runCli(['train', '--corpus', 'dialogues.jsonl'], () => interrupted)).toBe(130);
    expect(interrupted.terminal.err).toBe('Interrupted.\n');
    const soon = new AbortController();
    const later = { ...testContext(folder), interrupt: soon.signal };
    const code = runCli(['crossvalidate', '--corpus', 'dialogues.jsonl'], () => later);
    soon.abort(new InterruptedError());
    expect(await code).toBe(130);
    expect(later.terminal.err).toBe('Interrupted.\n');
    expect(await readdir(folder)).toEqual(files);
  });
});
