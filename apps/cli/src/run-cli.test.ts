import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';
import { testContext } from './testing/test-context.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function overture(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let context = testContext(folder);
  const code = await runCli(args, (json) => (context = testContext(folder, { json })));
  return { code, out: context.terminal.out, err: context.terminal.err };
}

const dialogue = (id: number, label: boolean): string =>
  JSON.stringify({
    id: `c${id}`,
    utterances: [
      { role: 'user', text: `The printer ${id} is broken.` },
      { role: 'system', text: 'Which model is it?', initiative: label },
    ],
  });

describe('overture', () => {
  it('shows help with examples and exit codes', async () => {
    const help = await overture('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('Exit codes: 0 done');
    for (const command of [
      'demo',
      'start',
      'train',
      'crossvalidate',
      'sweep',
      'promote',
      'plan',
      'evaluate',
      'predict',
      'doctor',
      'runs ls',
      'runs retry',
      'runs skip',
      'runs approve',
      'runs reject',
      'runs control',
      'runs abort',
      'models export',
      'schedule create',
      'schedule ls',
      'schedule pause',
      'schedule resume',
      'schedule trigger',
      'schedule delete',
      'corpus inspect',
      'registry migrate',
    ]) {
      const { code, out } = await overture(...command.split(' '), '--help');
      expect(code).toBe(0);
      expect(out).toContain('Examples:\n  $ ');
      expect(out).toContain('--json');
    }
    for (const group of [[], ['runs'], ['schedule'], ['models'], ['corpus'], ['registry']]) {
      expect((await overture(...group, '--help')).out).toContain('Examples:\n  $ overture ');
    }
  });

  it('says what a corpus lacks for training, beside its counts', async () => {
    await writeFile(
      join(folder, 'one-class.jsonl'),
      Array.from({ length: 40 }, (_, i) => `${dialogue(i, true)}\n`).join(''),
    );
    const { code, out } = await overture('corpus', 'inspect', 'one-class.jsonl', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      total: { examples: 40, initiative: 40 },
      problems: [
        { kind: 'one-class', severity: 'error' },
        { kind: 'one-class' },
        { kind: 'one-class' },
        { kind: 'tag-set-unused' },
      ],
    });
  });

  it('takes a path for the folder of a bundle, and brings nothing up to look for it by name', async () => {
    await writeFile(join(folder, 'open.jsonl'), '{"utterances":[{"role":"user","text":"Hello?"}]}\n');
    expect(await overture('predict', '--model', './no-bundle', 'open.jsonl')).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringMatching(
        /no-bundle must be the folder of a model bundle, and has no overture\.json\. .* \[BUNDLE_INVALID\]/,
      ),
    });
  });

  it('suggests what was meant', async () => {
    expect(await overture('trian')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean train?'),
    });
    expect(await overture('train', '--corpsu', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean --corpus?'),
    });
    expect(await overture('predict', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining("required option '--model <model>' not specified"),
    });
    expect(await overture('evaluate', '--model', 'm', '--corpus', 'c', '--samples', 'few')).toMatchObject({
      code: 2,
      err: expect.stringContaining('It must be a whole number from 1 on.'),
    });
  });

  it('inspects a corpus, for people and as JSON', async () => {
    await writeFile(
      join(folder, 'talk.jsonl'),
      Array.from({ length: 40 }, (_, i) => `${dialogue(i, i % 4 === 0)}\n`).join(''),
    );
    const text = await overture('corpus', 'inspect', 'talk.jsonl');
    expect(text.code).toBe(0);
    expect(text.out).toMatch(/initiative rate.* 25\.00 %/);
    const { code, out } = await overture('corpus', 'inspect', 'talk.jsonl', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      format: 'jsonl',
      protocol: 'cikm23',
      total: { conversations: 40, examples: 40, initiative: 10 },
    });
  });

  it('names file and line of bad input, with its code, and a stack only when asked', async () => {
    await writeFile(
      join(folder, 'bad.jsonl'),
      `${dialogue(1, true)}\n{"id":"c2","utterances":[{"role":"robot","text":"x"}]}\n`,
    );
    const { code, out, err } = await overture('corpus', 'inspect', 'bad.jsonl');
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('bad.jsonl:2');
    expect(err).toContain('robot');
    expect(err).toContain('[CORPUS_');
    expect(err).not.toContain('    at ');
    expect((await overture('corpus', 'inspect', 'bad.jsonl', '--verbose')).err).toContain('    at ');
  });

  it('refuses a wrong workflow input before it starts anything', async () => {
    const { code, err } = await overture('train', '--set', 'training.learningRate=-1');
    expect(code).toBe(3);
    expect(err).toContain('training.learningRate must be above 0. Got -1 instead.');
    const repeated = await overture(
      'crossvalidate',
      '--folds',
      '1',
      '--seeds',
      '0,1',
      '--set',
      'training.seed=3',
    );
    expect(repeated.code).toBe(3);
    expect(repeated.err).toContain('folds must be at least 2. Got 1 instead.');
    expect(
      (await overture('sweep', '--vary', 'learningRate=1e-5..1:log', '--vary', 'epochs=1,two')).err,
    ).toContain('space.epochs: every value must be one that training.epochs may have');
    expect((await overture('sweep', '--vary', 'learningRate')).err).toContain(
      '--vary must be setting=min..max',
    );
    expect(await overture('crossvalidate', '--seeds', 'few')).toMatchObject({
      code: 2,
      err: expect.stringContaining('whole numbers with commas between them'),
    });
  });

  it('decides about runs only where one can be: with a stack, with JSON', async () => {
    expect(await overture('runs', 'retry', 'train-1', 'ingest', '--set', 'uri=/data')).toMatchObject({
      code: 5,
      out: '',
      err: expect.stringMatching(
        /Deciding about a run needs the stack that it runs on, and none is up\. .* \[STACK_NOT_UP\]/,
      ),
    });
    expect(await overture('runs', 'retry', 'train-1', '--overrides', '[1]')).toMatchObject({
      code: 3,
      err: expect.stringContaining(
        '--overrides must be a JSON object, such as {"uri": "/data"}. Got [1] instead.',
      ),
    });
    expect(await overture('runs', 'retry', 'train-1', '--set', 'uri')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--set must be key=value'),
    });
    expect(await overture('runs', 'approve', 'promote-1', '--by', 'Ada')).toMatchObject({
      code: 5,
      out: '',
      err: expect.stringContaining('[STACK_NOT_UP]'),
    });
    expect(await overture('promote', 'support', '--split', 'dev')).toMatchObject({
      code: 3,
      err: expect.stringContaining('split must be one of "train", "valid", "test". Got "dev" instead.'),
    });
    expect(await overture('runs', 'control', 'train-1', '--evaluate-now')).toMatchObject({
      code: 5,
      out: '',
      err: expect.stringContaining('[STACK_NOT_UP]'),
    });
    expect(await overture('runs', 'control', 'train-1')).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'A training must be asked for one thing at a time: --stop-after-epoch, --evaluate-now or --learning-rate SHARE. Got none of them.',
      ),
    });
    expect(
      await overture('runs', 'control', 'train-1', '--learning-rate', '0.5', '--stop-after-epoch'),
    ).toMatchObject({ code: 2, err: expect.stringContaining('Got 2 of them.') });
    expect(await overture('runs', 'abort')).toMatchObject({
      code: 2,
      err: expect.stringContaining("missing required argument 'run'"),
    });
  });

  it('schedules only what would run, when a schedule can say', async () => {
    const create = (...rest: string[]) => overture('schedule', 'create', 'nightly', ...rest);
    expect((await create()).err).toContain('A schedule needs either --every, such as 1d, or --cron');
    expect((await create('--every', 'daily')).err).toContain(
      '--every must be a number of minutes, hours or days, such as 30m, 12h or 1d. Got "daily" instead.',
    );
    expect((await create('--cron', '0 3 * *')).err).toContain('--cron must be five fields');
    expect(await create('--every', '1d', '--workflow', 'train')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--workflow must be one of trainInitiativeModel, crossValidate'),
    });
    expect(await create('--every', '1d', '--set', 'training.epochs=0')).toMatchObject({
      code: 3,
      err: expect.stringContaining('training.epochs must be at least 1. Got 0 instead.'),
    });
    expect(await overture('schedule', 'ls')).toMatchObject({
      code: 5,
      out: '',
      err: expect.stringMatching(
        /A schedule needs the stack that it runs on, and none is up\. .* \[STACK_NOT_UP\]/,
      ),
    });
  });

  it('checks the machine', async () => {
    const { code, out } = await overture('doctor', '--json');
    const findings = JSON.parse(out) as { check: string; verdict: string; detail: string }[];
    expect(findings.map(({ check }) => check)).toEqual([
      'Node',
      'stack',
      'Temporal',
      'database',
      'artifacts',
      'downloads',
      'base model',
      'corpus',
      'disk',
    ]);
    expect(findings.find(({ check }) => check === 'stack')?.detail).toContain('not up');
    expect(code).toBe(findings.some(({ verdict }) => verdict === 'problem') ? 5 : 0);
  });
});
