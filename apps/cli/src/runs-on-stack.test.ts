import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { taskQueues } from '@overture/contracts';
import { readRunningStack } from '@overture/stack';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { longTraining as training } from './testing/lifecycle.ts';
import { OvertureProcess, type CommandEnd } from './testing/overture-process.ts';
import { testContext } from './testing/test-context.ts';

let cwd: string;
let place: { readonly cwd: string; readonly env: NodeJS.ProcessEnv };

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'overture-runs-'));
  await chmod(cwd, 0o755);
  // Half a million steps: these commands take minutes on a busy machine, and the training must outlast them.
  const dialogue = (i: number): string =>
    JSON.stringify({
      id: `c${i}`,
      utterances: [
        { role: 'user', text: `Question ${i} about printer ${i % 7}.` },
        { role: 'system', text: i % 3 ? 'Restart it.' : 'Which model is it?', initiative: i % 3 === 0 },
      ],
    });
  await writeFile(
    join(cwd, 'long.jsonl'),
    Array.from({ length: 6_000 }, (_, i) => `${dialogue(i)}\n`).join(''),
  );
  place = {
    cwd,
    env: {
      ...process.env,
      OVERTURE_HOME: join(cwd, 'home'),
      OVERTURE_CACHE: testContext(cwd).cacheDir,
      OVERTURE_MSDIALOG: '',
      TEMPORAL_ADDRESS: '',
      DATABASE_URL: '',
    },
  };
});
afterAll(() => rm(cwd, { recursive: true, force: true, maxRetries: 5 }));

const overture = (...args: string[]): Promise<CommandEnd> => new OvertureProcess(args, place).ended;
const listed = async (
  ...args: string[]
): Promise<{ workflowId: string; status: string; waitsFor: string | null }[]> =>
  JSON.parse((await overture('runs', 'ls', ...args, '--json')).out) as {
    workflowId: string;
    status: string;
    waitsFor: string | null;
  }[];
const statusOf = async (id: string): Promise<string | undefined> =>
  (await listed()).find(({ workflowId }) => workflowId === id)?.status;

const longTraining = [...training, '--corpus', 'long.jsonl'];

it('tells runs apart: running, queued behind another, refused, canceled, interrupted', async () => {
  const stack = new OvertureProcess(['start'], place);
  await stack.prints('Ctrl-C stops it');
  expect((await overture(...longTraining, '--detach', '--workflow-id', 'first')).code).toBe(0);
  await expect.poll(async () => (await overture('runs', 'show', 'first')).out).toContain('tokenize');
  await expect.poll(() => statusOf('first')).toBe('running');

  const second = new OvertureProcess(
    [...longTraining, '--set', 'training.seed=7', '--workflow-id', 'second'],
    place,
  );
  expect(await second.prints('Waiting for the training of first: trainings run one at a time.')).toBe(true);
  expect((await listed()).find(({ workflowId }) => workflowId === 'second')).toMatchObject({
    status: 'queued',
    waitsFor: 'first',
  });
  expect((await overture('runs', 'ls')).out).toMatch(
    /second +trainInitiativeModel +queued .* waits for the training of first/,
  );
  expect((await overture('runs', 'show', 'second')).out).toContain(
    'waits for the training of first: trainings run one at a time',
  );

  const { temporalAddress } = (await readRunningStack(join(cwd, 'home')))!;
  const connection = await Connection.connect({ address: temporalAddress as string });
  const wrong = await new Client({ connection }).workflow.start('trainInitiativeModel', {
    taskQueue: taskQueues.light,
    workflowId: 'wrong',
    args: [{ training: { epochs: 0 } }],
  });
  await wrong.result().catch(() => undefined);
  await connection.close();
  await expect.poll(() => statusOf('wrong')).toBe('refused');
  const refused = (await overture('runs', 'show', 'wrong')).out;
  expect(refused).toContain(
    'cause: The input of trainInitiativeModel is wrong. training.epochs must be at least 1. Got 0 instead.',
  );
  expect(refused).toContain(
    `Next:\n  overture train --input '{"training":{"epochs":0}}'   (with the input corrected)`,
  );

  const canceled = await overture('runs', 'cancel', 'second', '--json');
  expect(JSON.parse(canceled.out), canceled.err).toEqual({ workflowId: 'second', state: 'cancelled' });
  expect((await second.ended).code).toBe(6);
  expect((await overture('runs', 'cancel', 'second')).err).toContain(
    'Run second has already finished: it is canceled.',
  );
  expect((await overture('runs', 'cancel', 'frist')).err).toContain('has no run "frist"');
  expect((await overture('runs', 'show', 'frist')).err).toContain(
    'The registry has no run "frist". Did you mean "first"?',
  );

  stack.signal();
  expect((await stack.ended).code).toBe(0);
  expect(await statusOf('first')).toBe('interrupted');
  const shown = (await overture('runs', 'show', 'first')).out;
  expect(shown).toContain('interrupted (no stack is up; the run continues with the next "overture start")');
  expect(shown).toContain('overture runs cancel first');
  expect((await overture('runs', 'ls', '--state', 'quued')).err).toContain('Did you mean "queued"?');
});
