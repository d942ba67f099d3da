import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { inventedExports } from '@overture/dialogue/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OvertureProcess } from './testing/overture-process.ts';
import { testContext } from './testing/test-context.ts';

// End to end: server, database, worker and training, on the tiny model and a small corpus, so that it takes a
// minute.
const bin = resolve(import.meta.dirname, '..', 'bin', 'overture.mjs');
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-main-job-'));
  await chmod(folder, 0o755);
  env = {
    ...process.env,
    OVERTURE_HOME: join(folder, 'home'),
    OVERTURE_CACHE: testContext(folder).cacheDir,
    TEMPORAL_ADDRESS: '',
    DATABASE_URL: '',
  };
  await writeFile(join(folder, 'talk.jsonl'), Array.from({ length: 60 }, (_, i) => dialogue(i)).join(''));
  await writeFile(
    join(folder, 'unseen.jsonl'),
    Array.from({ length: 20 }, (_, i) => dialogue(100 + i)).join(''),
  );
  await writeFile(
    join(folder, 'open.jsonl'),
    `${JSON.stringify({ id: 'open-1', utterances: [{ role: 'user', text: 'My printer does not print.' }] })}\n`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Vague questions are answered with a question, precise ones with an answer. */
function dialogue(i: number): string {
  const vague = i % 3 === 0;
  const utterances = [
    {
      role: 'user',
      text: vague
        ? `Something ${i} is wrong with my machine, please help.`
        : `How do I set option ${i} in the menu of version ${i % 7}?`,
    },
    {
      role: 'system',
      text: vague ? 'Which machine is it?' : 'Open the menu and tick the box.',
      initiative: vague,
    },
  ];
  return `${JSON.stringify({ id: `c${i}`, utterances })}\n`;
}

async function overture(
  args: readonly string[],
  options: { readonly input?: string } = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env });
  child.stdin.end(options.input ?? '');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: code as number, out, err };
}

async function leftRunning(): Promise<string> {
  return readFile(join(folder, 'home', 'children.json'), 'utf8').catch(() => 'nothing');
}

describe('a chat export', () => {
  it.each(Object.entries(inventedExports))(
    'of %s becomes a model in four commands, its weak labels named on the way',
    async (name, make) => {
      await writeFile(join(folder, `${name}.json`), make(60));
      const converted = await overture([
        'corpus',
        'convert',
        `${name}.json`,
        '--labels',
        'question',
        '--to',
        `${name}.jsonl`,
        '--json',
      ]);
      expect(JSON.parse(converted.out)).toMatchObject({ from: name, conversations: 60 });
      const inspected = await overture(['corpus', 'inspect', `${name}.jsonl`]);
      expect(inspected.out).toContain(
        'warning: The labels are weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76.',
      );
      const trained = await overture([
        'train',
        '--corpus',
        `${name}.jsonl`,
        '--base',
        'tiny',
        '--name',
        name,
        '--set',
        'training.maxLength=32',
        '--json',
      ]);
      expect(trained.code, trained.err).toBe(0);
      expect(trained.err).toContain('warning: The labels are weak, by rule `question`');
      expect(trained.err).not.toMatch(/^error/m);
      expect(await readFile(JSON.parse(trained.out).reportPath, 'utf8')).toContain(
        'The labels are weak, by rule',
      );
      const predicted = await overture(['predict', '--model', name, '--drop-answer', `${name}.jsonl`]);
      expect(predicted.code, predicted.err).toBe(0);
      const ids = (await readFile(join(folder, `${name}.jsonl`), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id);
      const predictions = predicted.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(predictions.map(({ id }) => id)).toEqual(ids);
      for (const { probability } of predictions) expect(probability >= 0 && probability <= 1).toBe(true);
      expect(await overture(['models', 'export', name, '--to', `${name}-bundle`])).toMatchObject({ code: 0 });
      const card = await readFile(join(folder, `${name}-bundle`, 'README.md'), 'utf8');
      expect(card).toContain(
        '| labels | weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76 |',
      );
      const evaluated = await overture([
        'evaluate',
        '--model',
        name,
        '--corpus',
        `${name}.jsonl`,
        '--split',
        'test',
        '--samples',
        '100',
      ]);
      expect(evaluated.code, evaluated.err).toBe(0);
      expect(evaluated.err).toContain('warning: The labels are weak, by rule `question`');
      expect(evaluated.out).toContain('• The labels are weak, by rule `question`;');
      expect(evaluated.err).toMatch(
        /note: \d+ of \d+ examples are longer than the 32 tokens of this model\./,
      );
      const answered = await overture(['predict', '--model', name, `${name}.jsonl`]);
      expect(answered.code).toBe(3);
      expect(answered.err).toContain(
        'warning: Use --drop-answer to predict at the last turn of the user in conversations that have been answered.',
      );
    },
  );
});

describe('the main job from the command line', () => {
  let digest: string;

  it('trains: one object with run, model and report, and nothing left running', async () => {
    const { code, out, err } = await overture([
      'train',
      '--corpus',
      'talk.jsonl',
      '--base',
      'tiny',
      '--name',
      'support',
      '--set',
      'training.epochs=1',
      '--set',
      'training.maxLength=32',
      '--json',
    ]);
    expect(code, err).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(1);
    const result = JSON.parse(out);
    expect(Object.keys(result)).toEqual(['runId', 'workflowId', 'model', 'report', 'reportPath']);
    expect(await readFile(result.reportPath, 'utf8')).toContain('<h1');
    expect(result.model).toEqual({
      name: 'support',
      version: 1,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(result.report).toMatchObject({
      corpus: 'talk.jsonl',
      protocol: 'cikm23',
      split: 'valid',
      perClass: { initiative: {}, noInitiative: {} },
      confusion: {},
      ci95: {},
      threshold: {},
    });
    expect(result.report.floors.length).toBeGreaterThanOrEqual(3);
    expect(err).toContain('✓ fineTune');
    expect(await leftRunning()).toBe('nothing');
    digest = result.model.digest;
  });

  it('reuses every stage when nothing changed', async () => {
    const { code, out, err } = await overture([
      'train',
      '--corpus',
      'talk.jsonl',
      '--base',
      'tiny',
      '--name',
      'support',
      '--set',
      'training.epochs=1',
      '--set',
      'training.maxLength=32',
      '--json',
    ]);
    expect(code, err).toBe(0);
    expect(JSON.parse(out).model).toEqual({ name: 'support', version: 1, digest });
    expect(err.split('\n').filter((line) => line.startsWith('✓') && !line.includes('(reused)'))).toEqual([]);
  });

  it('plans: what would be reused, and what of the key would be new', async () => {
    const same = [
      'plan',
      'trainInitiativeModel',
      '--corpus',
      'talk.jsonl',
      '--base',
      'tiny',
      '--name',
      'support',
      '--set',
      'training.maxLength=32',
    ];
    const { code, out, err } = await overture([...same, '--set', 'training.epochs=2', '--json']);
    expect(code, err).toBe(0);
    const { stages } = JSON.parse(out) as { stages: { id: string; verdict: string; reasons?: string[] }[] };
    expect(stages.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'ingest REUSE',
      'createTinyBase REUSE',
      'tokenize REUSE',
      'computeFloors REUSE',
      'fineTune RUN',
      'evaluate UNKNOWN',
      'register UNKNOWN',
    ]);
    expect(stages[4]?.reasons).toEqual(['training.epochs: 1 → 2']);
    expect((await overture([...same, '--set', 'training.epochs=1'])).out).toContain('Nothing has to run.');
  });

  it('lists and shows runs and models', async () => {
    const listed = JSON.parse((await overture(['runs', 'ls', '--json'])).out) as { workflowId: string }[];
    const runs = listed.filter(({ workflowId }) => workflowId.startsWith('train-support-'));
    expect(runs).toHaveLength(2);
    expect(runs[0]).toMatchObject({ workflow: 'trainInitiativeModel', state: 'completed' });
    expect((await overture(['runs', 'show', runs[0]!.workflowId])).out).toContain('fineTune');
    expect((await overture(['models', 'ls'])).out).toContain('support@1');
    expect((await overture(['models', 'show', 'support'])).out).toContain('cikm23');
    expect(await overture(['models', 'show', 'nobody'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('nobody'),
    });
  });

  it('evaluates on a corpus that the model never saw, beside floors fitted on what it did see', async () => {
    const { code, out, err } = await overture([
      'evaluate',
      '--model',
      'support@1',
      '--corpus',
      'unseen.jsonl',
      '--samples',
      '200',
      '--json',
    ]);
    expect(code, err).toBe(0);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ corpus: 'unseen.jsonl', split: 'all', n: 20, alsoUsedFor: [] });
    // The words of the vague questions reveal the label.
    expect(
      report.floors.find(({ name }: { name: string }) => /tfidf.*balanced/i.test(name)).macroF1,
    ).toBeGreaterThan(0.9);
  });

  it('exports a bundle that predicts by itself, as the registered model does', async () => {
    expect(await overture(['models', 'export', 'support', '--to', 'bundle'])).toMatchObject({ code: 0 });
    expect((await stat(join(folder, 'bundle', 'onnx', 'model.onnx'))).size).toBeGreaterThan(10_000);
    const { training } = JSON.parse(await readFile(join(folder, 'bundle', 'overture.json'), 'utf8'));
    expect(training.settings).toMatchObject({ lora: 'none', classWeights: 'balanced' });
    expect(await overture(['models', 'export', 'support', '--to', 'bundle'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('must name a folder that does not exist yet'),
    });
    const input = await readFile(join(folder, 'open.jsonl'), 'utf8');
    const fromFolder = await overture(['predict', '--model', './bundle', '-'], { input });
    expect(fromFolder.code, fromFolder.err).toBe(0);
    const prediction = JSON.parse(fromFolder.out);
    expect(prediction).toMatchObject({
      id: 'open-1',
      probability: expect.any(Number),
      initiative: expect.any(Boolean),
      threshold: expect.any(Number),
    });
    expect((await overture(['predict', '--model', 'support', 'open.jsonl'])).out).toBe(fromFolder.out);
    const torn = await overture(['predict', '--model', './bundle', '-', '--batch-size', '1'], {
      input: `{"id":\n${input}`,
    });
    expect(torn).toMatchObject({ code: 3, err: expect.stringContaining('standard input:1') });
    const [refusal, after] = torn.out.split('\n');
    expect(JSON.parse(refusal!)).toMatchObject({ line: 1, error: { code: 'CORPUS_JSON' } });
    expect(`${after}\n`).toBe(fromFolder.out);
  });

  it('knows models without Temporal, and suggests the one that was meant', async () => {
    for (const command of [
      ['promote', 'nomodel'],
      ['promote', 'suport'],
      ['predict', '--model', 'suport', 'open.jsonl'],
      ['evaluate', '--model', 'suport', '--corpus', 'talk.jsonl'],
    ]) {
      const { code, out, err } = await overture([
        ...command,
        ...(command[0] === 'promote' ? ['--corpus', 'talk.jsonl'] : []),
      ]);
      expect({ code, out }).toEqual({ code: 4, out: '' });
      expect(err).toContain(
        command.includes('nomodel')
          ? 'A model must be in the registry. Got "nomodel", which is not there: '
          : 'Did you mean "support"?',
      );
      expect(err).not.toMatch(/temporal version|Run promote/);
    }
  });

  it('fails with the stage’s own message, typed, when the corpus is no good', async () => {
    await writeFile(
      join(folder, 'one-class.jsonl'),
      Array.from({ length: 40 }, (_, i) => dialogue(3 * i)).join(''),
    );
    const { code, out, err } = await overture([
      'train',
      '--corpus',
      'one-class.jsonl',
      '--base',
      'tiny',
      '--json',
    ]);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/error: ingest: .*one-class/s);
    expect(JSON.parse((await overture(['runs', 'ls', '--state', 'failed', '--json'])).out)).toHaveLength(1);
  });

  it('keeps a stack up, lends it to other commands, and stops cleanly on Ctrl-C', async () => {
    const stack = spawn(process.execPath, [bin, 'start', '--json'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { uiUrl, owned } = JSON.parse(String((await once(stack.stdout, 'data'))[0]));
    expect(owned).toBe(true);
    expect((await fetch(uiUrl)).status).toBe(200);
    expect(JSON.parse((await overture(['start', '--json'])).out)).toMatchObject({ uiUrl, owned: false });
    expect(JSON.parse((await overture(['runs', 'ls', '--json'])).out).length).toBeGreaterThan(2);
    await parksAndRetries();
    await asksAndPromotes();
    await retrainsWhenTheCorpusChanges();
    await reportsOfOtherWorkflows();
    stack.kill('SIGINT');
    expect((await once(stack, 'exit'))[0]).toBe(0);
    expect(await leftRunning()).toBe('nothing');
  });

  /**
   * On a running stack: a run with an unusable corpus parks, and continues once it receives another corpus.
   */
  async function parksAndRetries(): Promise<void> {
    const settings = ['--base', 'tiny', '--set', 'training.epochs=1', '--set', 'training.maxLength=32'];
    const started = await overture([
      'train',
      '--park',
      '--detach',
      '--workflow-id',
      'parked-1',
      '--corpus',
      'one-class.jsonl',
      ...settings,
      '--json',
    ]);
    expect(started, started.err).toMatchObject({ code: 0 });
    // The stage may take a moment to fail.
    await expect
      .poll(async () => (await overture(['runs', 'retry', 'parked-1', 'tokenize'])).err)
      .toContain('Parked now: ingest.');
    expect(await overture(['runs', 'skip', 'parked-1'])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('ingest cannot be skipped'),
    });
    expect(await overture(['runs', 'retry', 'nobody'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('RUN_UNKNOWN'),
    });
    const retried = await overture([
      'runs',
      'retry',
      'parked-1',
      '--set',
      `uri=${join(folder, 'talk.jsonl')}`,
      '--json',
    ]);
    expect(retried.code, retried.err).toBe(0);
    expect(JSON.parse(retried.out)).toEqual({
      workflowId: 'parked-1',
      update: 'retryStage',
      stage: 'ingest',
      message: 'ingest runs again, its input changed.',
    });
    await expect
      .poll(async () => JSON.parse((await overture(['runs', 'show', 'parked-1', '--json'])).out).state)
      .toBe('completed');
    expect(await overture(['runs', 'abort', 'parked-1'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('RUN_CLOSED'),
    });
  }

  /**
   * On a running stack: a comparison without an approval gate. No model beats TF-IDF here, because the words
   * reveal the label.
   */
  async function asksAndPromotes(): Promise<void> {
    const refused = await overture([
      'promote',
      'support@1',
      '--corpus',
      'talk.jsonl',
      '--split',
      'train',
      '--json',
    ]);
    expect(refused.code, refused.err).toBe(0);
    expect(JSON.parse(refused.out)).toMatchObject({
      model: 'support',
      version: 1,
      promoted: false,
      previous: null,
      decision: { decidedBy: 'rule' },
      comparison: { passes: false },
    });
    const shown = await overture(['models', 'show', 'support@1']);
    expect(shown.out).toMatch(/not promoted +@1 to champion, by the rule, /);
    expect(await overture(['runs', 'approve', 'nobody', '--by', 'Ada'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('RUN_UNKNOWN'),
    });
  }

  /**
   * On a running stack: a scheduled run reuses everything while nothing has changed, and trains after the
   * corpus changes.
   */
  async function retrainsWhenTheCorpusChanges(): Promise<void> {
    const settings = [
      '--corpus',
      'talk.jsonl',
      '--base',
      'tiny',
      '--name',
      'support',
      '--set',
      'training.epochs=1',
      '--set',
      'training.maxLength=32',
    ];
    const created = await overture(['schedule', 'create', 'nightly', '--every', '1d', ...settings, '--json']);
    expect(created.code, created.err).toBe(0);
    expect(JSON.parse(created.out)).toMatchObject({
      schedule: 'nightly',
      workflow: 'trainInitiativeModel',
      next: expect.any(String),
    });
    expect(await overture(['schedule', 'create', 'nightly', '--every', '2d', ...settings])).toMatchObject({
      code: 3,
      err: expect.stringContaining('[SCHEDULE_EXISTS]'),
    });
    const triggered = async (runs: number): Promise<{ node: string; state: string }[]> => {
      expect(await overture(['schedule', 'trigger', 'nightly'])).toMatchObject({ code: 0 });
      const scheduled = async (): Promise<{ id: string; state: string }[]> =>
        (
          JSON.parse((await overture(['runs', 'ls', '--json'])).out) as {
            id: string;
            workflowId: string;
            state: string;
          }[]
        ).filter(({ workflowId }) => workflowId.startsWith('schedule-nightly'));
      await expect
        .poll(async () => (await scheduled()).map(({ state }) => state).join())
        .toBe(Array(runs).fill('completed').join());
      return (
        JSON.parse((await overture(['runs', 'show', (await scheduled())[0]!.id, '--json'])).out) as {
          stages: { node: string; state: string }[];
        }
      ).stages;
    };
    expect((await triggered(1)).map(({ state }) => state)).toEqual(Array(7).fill('reused'));
    await writeFile(join(folder, 'talk.jsonl'), Array.from({ length: 66 }, (_, i) => dialogue(i)).join(''));
    expect((await triggered(2)).filter(({ state }) => state === 'ran').map(({ node }) => node)).toContain(
      'fineTune',
    );
    expect((await overture(['schedule', 'pause', 'nightly', '--reason', 'cleaning'])).out).toContain(
      'nightly is paused.',
    );
    await expect
      .poll(async () => JSON.parse((await overture(['schedule', 'ls', '--json'])).out))
      .toMatchObject([
        { schedule: 'nightly', workflow: 'trainInitiativeModel', paused: true, note: 'cleaning' },
      ]);
    expect((await overture(['schedule', 'resume', 'nightly'])).code).toBe(0);
    expect((await overture(['schedule', 'delete', 'nightly'])).out).toContain('what it ran is kept');
    expect(await overture(['schedule', 'trigger', 'nightly'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('There must be a schedule "nightly"; there is none.'),
    });
  }

  /** On a running stack: each workflow prints its report as JSON and leaves the page whose path it prints. */
  async function reportsOfOtherWorkflows(): Promise<void> {
    const small = [
      '--corpus',
      'talk.jsonl',
      '--base',
      'tiny',
      '--set',
      'training.epochs=1',
      '--set',
      'training.maxLength=32',
      '--set',
      'evaluation.bootstrapSamples=100',
      '--json',
    ];
    for (const command of [
      ['crossvalidate', '--folds', '2'],
      ['sweep', '--strategy', 'grid', '--trials', '2', '--vary', 'learningRate=1e-5,1e-4'],
    ]) {
      const { code, out, err } = await overture([...command, ...small]);
      expect(code, err).toBe(0);
      const { reportPath, report } = JSON.parse(out);
      expect(report).toMatchObject({ corpus: 'talk.jsonl', macroF1: expect.any(Number) });
      expect(await readFile(reportPath, 'utf8')).toContain('<h1');
    }
  }

  it('studies: arms on the same folds, listed, shown and compared afterwards', async () => {
    const study = [
      'study',
      '--corpus',
      'talk.jsonl',
      '--set',
      'innerFolds=4',
      '--set',
      'evaluation.bootstrapSamples=100',
      '--workflow-id',
    ];
    const { code, out, err } = await overture([
      ...study,
      'study-1',
      '--arms',
      'tfidfBalanced,frozenEncoder,languageModelFewShotText',
      '--json',
    ]);
    expect(code, err).toBe(0);
    const { report, reportPath } = JSON.parse(out);
    expect(await readFile(reportPath, 'utf8')).toContain('<h1');
    expect(report.arms.map(({ name, hard }: { name: string; hard: boolean }) => [name, hard])).toEqual([
      ['tfidfBalanced', false],
      ['frozenEncoder', false],
      ['languageModelFewShotText', true],
    ]);
    expect(report.unanswered.map(({ name }: { name: string }) => name)).toContain('headOverText');
    const again = await overture([...study, 'study-2', '--arms', 'tfidfBalanced,frozenEncoder']);
    expect(again.code, again.err).toBe(0);
    expect(again.out).toMatch(/Planned and left out: .*encoderBalanced.* \(not asked for\)/);
    expect(await readFile(/report +(\S+study\.html)/.exec(again.out)![1]!, 'utf8')).toContain('<h1');
    expect((await overture(['study', 'ls'])).out).toMatch(
      /study-2 .* talk\.jsonl +2 +frozenEncoder[^]*study-1 .* talk\.jsonl +3 /,
    );
    expect((await overture(['study', 'show', 'study-1'])).out).toContain('Language model, few-shot, JSON');
    const { arms } = JSON.parse((await overture(['study', 'compare', 'study-1', 'study-2', '--json'])).out);
    expect(arms.find(({ arm }: { arm: string }) => arm === 'frozenEncoder')).toMatchObject({ difference: 0 });
    expect(arms.find(({ arm }: { arm: string }) => arm === 'languageModelFewShotText')).toMatchObject({
      difference: null,
    });
    expect(await overture(['study', 'show', 'nobody'])).toMatchObject({
      code: 4,
      err: expect.stringContaining('RUN_UNKNOWN'),
    });
    expect(await overture(['study', '--arms', 'encoder'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('arms.0 must be one of "alwaysNo"'),
    });
  });

  it('cancels the run on Ctrl-C and says so', async () => {
    const child = spawn(
      process.execPath,
      [bin, 'train', '--corpus', 'talk.jsonl', '--base', 'tiny', '--set', 'training.epochs=90'],
      {
        cwd: folder,
        env,
      },
    );
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
      if (err.includes('✓ tokenize') && !child.killed) child.kill('SIGINT');
    });
    expect((await once(child, 'exit'))[0], err).toBe(130);
    expect(err).toContain('Canceling the run');
    expect(await leftRunning()).toBe('nothing');
    // The server has the request. If the stack ended first, the next stack carries it out.
    const stack = new OvertureProcess(['start'], { cwd: folder, env });
    await stack.prints('Ctrl-C stops it');
    await expect
      .poll(async () => JSON.parse((await overture(['runs', 'ls', '--state', 'cancelled', '--json'])).out))
      .toHaveLength(1);
    stack.signal();
    expect((await stack.ended).code).toBe(0);
  });
});
