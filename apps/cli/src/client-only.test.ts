import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { searchAttributes, taskQueues } from '@overture/contracts';
import { openStack, type Stack } from '@overture/stack';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OvertureProcess, type CommandEnd } from './testing/overture-process.ts';
import { testContext } from './testing/test-context.ts';

let cwd: string;
let stack: Stack;
let connection: Connection;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'overture-client-'));
  const dialogue = (i: number): string =>
    JSON.stringify({
      id: `c${i}`,
      utterances: [
        { role: 'user', text: `Question ${i} about printer ${i % 7}.` },
        { role: 'system', text: i % 3 ? 'Restart it.' : 'Which model is it?', initiative: i % 3 === 0 },
      ],
    });
  await writeFile(
    join(cwd, 'dialogues.jsonl'),
    Array.from({ length: 60 }, (_, i) => `${dialogue(i)}\n`).join(''),
  );
  const { cacheDir } = testContext(cwd);
  const own = {
    ...process.env,
    OVERTURE_CACHE: cacheDir,
    OVERTURE_MSDIALOG: '',
    TEMPORAL_ADDRESS: '',
    DATABASE_URL: '',
  };
  // A team's servers, without a worker.
  stack = await openStack({ home: join(cwd, 'servers'), cacheDir, env: own, searchAttributes });
  connection = await Connection.connect({ address: stack.temporalAddress });
  env = {
    ...own,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    DATABASE_URL: stack.databaseUrl,
    OVERTURE_ARTIFACTS: join(cwd, 'artifacts'),
  };
});
afterAll(async () => {
  await connection?.close();
  await stack?.close();
  await rm(cwd, { recursive: true, force: true, maxRetries: 5 });
});

const command = (home: string, ...args: string[]): OvertureProcess =>
  new OvertureProcess(args, { cwd, env: { ...env, OVERTURE_HOME: join(cwd, home) } });
const overture = (...args: string[]): Promise<CommandEnd> => command('client', ...args).ended;
const train = [
  'train',
  '--base',
  'tiny',
  '--corpus',
  join('dialogues.jsonl'),
  '--set',
  'training.epochs=1',
  '--set',
  'evaluation.bootstrapSamples=200',
];

async function pollers(): Promise<string[]> {
  const answers = await Promise.all(
    Object.values(taskQueues).flatMap((name) =>
      [1, 2].map((type) =>
        connection.workflowService.describeTaskQueue({
          namespace: 'default',
          taskQueue: { name },
          taskQueueType: type,
        }),
      ),
    ),
  );
  return answers.flatMap((each) => (each.pollers ?? []).map(({ identity }) => identity ?? ''));
}

it("with a server of the user's own, train is a client and nothing else", async () => {
  const detached = await overture(...train, '--detach', '--workflow-id', 'detached');
  expect({ code: detached.code, out: detached.out }).toEqual({ code: 0, out: 'Started detached\n' });
  const missing =
    'No worker polls the queue overture-light, so the run waits. Start a worker: "overture start" with the TEMPORAL_… variables and the DATABASE_URL of this server';
  expect(detached.err).toContain(missing);
  expect((await new Client({ connection }).workflow.getHandle('detached').describe()).status.name).toBe(
    'RUNNING',
  );

  const attached = command('client', ...train, '--workflow-id', 'attached');
  expect(await attached.prints(missing)).toBe(true);
  const waiting = await overture('runs', 'show', 'detached');
  expect(waiting.out).toContain('queued');
  expect(waiting.out).toContain(missing);
  expect((await overture('runs', 'ls')).out).toMatch(
    /attached +trainInitiativeModel +queued .* no worker polls overture-light/,
  );
  expect(JSON.parse((await overture('runs', 'ls', '--json')).out)).toMatchObject([
    { workflowId: 'attached', unpolled: 'light' },
    { workflowId: 'detached', unpolled: 'light' },
  ]);
  expect(await pollers()).toEqual([]);
  expect(existsSync(join(cwd, 'client', 'logs', 'worker.log'))).toBe(false);

  const worker = command('worker', 'start');
  const ended = await attached.ended;
  expect({ code: ended.code, err: ended.err }).toMatchObject({ code: 0 });
  expect(ended.out).toContain('model   initiative@');
  await new Client({ connection }).workflow.getHandle('detached').result();
  expect((await overture('runs', 'show', 'detached')).out).not.toContain('No worker polls');
  expect(new Set(await pollers()).size).toBe(1);
  worker.signal();
  await worker.ended;
});

it('says so when the server does not answer, and starts none', async () => {
  const end = await new OvertureProcess([...train, '--detach'], {
    cwd,
    env: { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1', OVERTURE_HOME: join(cwd, 'client') },
  }).ended;
  expect(end.code).toBe(5);
  expect(end.err).toContain('Temporal at 127.0.0.1:1 should answer for namespace default, and did not');
  const missing = await new OvertureProcess([...train, '--detach'], {
    cwd,
    env: { ...env, TEMPORAL_NAMESPACE: 'nowhere', OVERTURE_HOME: join(cwd, 'client') },
  }).ended;
  expect(missing.code).toBe(5);
  expect(missing.err).toContain(
    'has no namespace nowhere. Create it, or set TEMPORAL_NAMESPACE to one that exists.',
  );
});
