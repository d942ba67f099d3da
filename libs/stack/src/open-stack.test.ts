import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, openStack } from './open-stack.ts';
import { cacheFolder } from './paths.ts';
import { identityOf, isRunning, signalProcess, type ProcessIdentity } from './process-identity.ts';
import { readRunningStack } from './running-stack.ts';
import type { StackOptions, StackProgress } from './stack-options.ts';

// The real Temporal server and the real Postgres, with a worker that does nothing.
const workerEntry = fileURLToPath(new URL('testing/fake-worker.mjs', import.meta.url));
const stubbornWorker = fileURLToPath(new URL('testing/stubborn-worker.mjs', import.meta.url));
const owner = fileURLToPath(new URL('testing/stack-owner.ts', import.meta.url));
const cacheDir = cacheFolder({ env: process.env, platform: process.platform, userHome: homedir() });
let home: string;
let owners: ChildProcess[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'overture-stack-'));
  // Root runs Postgres under another account, which must be able to enter this folder.
  await chmod(home, 0o755);
  owners = [];
});
afterEach(async () => {
  for (const process of owners) process.kill('SIGKILL');
  await waitFor(async () => (await children()).every((child) => !isRunning(child)));
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

function options(extra: Partial<StackOptions> = {}): StackOptions {
  return { home, cacheDir, env: process.env, workerEntry, ...extra };
}

async function children(): Promise<(ProcessIdentity & { name: string })[]> {
  return JSON.parse(await readFile(join(home, 'children.json'), 'utf8').catch(() => '[]'));
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  // The test's own timeout limits the wait.
  while (!(await condition())) await sleep(50);
}

/** The Temporal servers on the home's database, whichever process started them. */
async function temporalServers(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-ww', '-o', 'command=']);
  return stdout
    .split('\n')
    .filter((command) => command.includes(`--db-filename ${join(home, 'temporal.db')} `));
}

async function startOwner(worker = workerEntry): Promise<{
  process: ChildProcess;
  stack: { temporalAddress: string; databaseUrl: string; owned: boolean };
}> {
  const child = spawn(process.execPath, [owner, home, cacheDir, worker], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { process: child, stack: JSON.parse(line) };
}

async function select(databaseUrl: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function temporal<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('openStack', () => {
  it('starts what answers on loopback, keeps its state between starts, and leaves nothing running', async () => {
    const first = await openStack(options({ searchAttributes: { StageStatus: 'Keyword' } }));
    expect(first.owned).toBe(true);
    expect(first.temporalAddress).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await fetch(first.uiUrl as string)).status).toBe(200);
    await select(first.databaseUrl, 'create table kept (n int)');
    await temporal(first.temporalAddress, (client) =>
      client.workflow.start('kept', { workflowId: 'kept', taskQueue: 'nobody' }),
    );
    const running = await children();
    expect(running.map(({ name }) => name).sort()).toEqual(['guardian', 'postgres', 'temporal', 'worker']);
    expect((await stat(join(home, 'stack.json'))).mode & 0o777).toBe(0o600);
    await first.close();
    expect(running.filter(isRunning)).toEqual([]);
    expect(await readRunningStack(home)).toBeUndefined();

    const second = await openStack(
      options({ searchAttributes: { StageStatus: 'Keyword', FailedStage: 'Keyword' } }),
    );
    expect(second.temporalAddress).toBe(first.temporalAddress);
    expect(await select(second.databaseUrl, 'select n from kept')).toEqual([]);
    const description = await temporal(second.temporalAddress, (client) =>
      client.workflow.getHandle('kept').describe(),
    );
    expect(description.status.name).toBe('RUNNING');
    await second.close();
  });

  it('attaches to the stack of another process and does not end it', async () => {
    const { stack } = await startOwner();
    expect(stack.owned).toBe(true);
    const attached = await openStack(options());
    expect(attached).toMatchObject({
      owned: false,
      temporalAddress: stack.temporalAddress,
      databaseUrl: stack.databaseUrl,
    });
    await attached.close();
    expect((await select(stack.databaseUrl, 'select 1 as one'))[0]).toEqual({ one: 1 });
    await expect(openStack(options({ temporalAddress: '127.0.0.1:1' }))).rejects.toThrow(
      "uses other servers: TEMPORAL_ADDRESS is 127.0.0.1:1, the stack's is",
    );
    const database = await openDatabase(options());
    expect(database).toMatchObject({ owned: false, databaseUrl: stack.databaseUrl });
  });

  it('leaves nothing behind when its owner is killed, and starts over the stale lock', async () => {
    const { process: first } = await startOwner();
    const running = await children();
    expect(running).toHaveLength(4);
    const attached = await openStack(options());
    first.kill('SIGKILL');
    expect((await attached.lost).message).toContain('to which the stack belonged, has ended');
    await waitFor(async () => running.every((child) => !isRunning(child)));
    expect(await readRunningStack(home)).toBeUndefined();
    const next = await openStack(options());
    expect(next.owned).toBe(true);
    await next.close();
  });

  it('ends the survivors when owner and guardian were killed together', async () => {
    const { process: first } = await startOwner();
    const running = await children();
    signalProcess(running.find(({ name }) => name === 'guardian') as ProcessIdentity, 'SIGSTOP');
    first.kill('SIGKILL');
    signalProcess(running.find(({ name }) => name === 'guardian') as ProcessIdentity, 'SIGKILL');
    if (first.signalCode === null) await once(first, 'exit');
    await waitFor(
      async () => !running.some((child) => ['guardian', 'worker'].includes(child.name) && isRunning(child)),
    );
    expect(running.filter(isRunning).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['temporal', 'postgres']),
    );
    const notes: string[] = [];
    const next = await openStack(
      options({ onProgress: (progress) => progress.kind === 'note' && notes.push(progress.text) }),
    );
    expect(running.filter(isRunning)).toEqual([]);
    expect(notes.join('\n')).toMatch(/Ended what a killed stack had left running: .*temporal/);
    await next.close();
  });

  it('takes over from a guardian that waits for a busy worker, which then restarts nothing', async () => {
    const { process: first } = await startOwner(stubbornWorker);
    const running = await children();
    first.kill('SIGINT');
    await once(first, 'exit');
    const notes: string[] = [];
    const next = await openStack(
      options({ onProgress: (progress) => progress.kind === 'note' && notes.push(progress.text) }),
    );
    expect(running.filter(isRunning)).toEqual([]);
    expect(await temporalServers()).toHaveLength(1);
    expect(notes.join('\n')).not.toContain('left running');
    expect((await children()).map(({ name }) => name).sort()).toEqual([
      'guardian',
      'postgres',
      'temporal',
      'worker',
    ]);
    await next.close();
    expect(await temporalServers()).toEqual([]);
  });

  it('ends everything rather than restart a server once another process owns the home', async () => {
    const { process: first } = await startOwner();
    const running = await children();
    await writeFile(
      join(home, 'stack.lock'),
      JSON.stringify({ ...identityOf(process.pid), token: 'another owner' }),
    );
    signalProcess(running.find(({ name }) => name === 'temporal') as ProcessIdentity, 'SIGKILL');
    await waitFor(async () => running.every((child) => !isRunning(child)));
    expect(await temporalServers()).toEqual([]);
    first.kill('SIGKILL');
    await rm(join(home, 'stack.lock'));
  });

  it('finds a Temporal server that no list names', async () => {
    const { process: first } = await startOwner();
    const running = await children();
    for (const { name, ...child } of running.toSorted(
      (a, b) => Number(b.name === 'guardian') - Number(a.name === 'guardian'),
    )) {
      if (name !== 'temporal') signalProcess(child, 'SIGKILL');
    }
    first.kill('SIGKILL');
    await once(first, 'exit');
    await rm(join(home, 'children.json'));
    expect(await temporalServers()).toHaveLength(1);
    const next = await openStack(options());
    expect(await temporalServers()).toHaveLength(1);
    expect(running.filter(isRunning)).toEqual([]);
    await next.close();
  });

  it('starts a killed worker again and says so', async () => {
    const told: StackProgress[] = [];
    const stack = await openStack(options({ onProgress: (progress) => told.push(progress) }));
    const before = (await children()).find(({ name }) => name === 'worker') as ProcessIdentity;
    signalProcess(before, 'SIGKILL');
    await waitFor(async () =>
      (await children()).some(
        (child) => child.name === 'worker' && child.pid !== before.pid && isRunning(child),
      ),
    );
    await waitFor(async () => told.some(({ kind }) => kind === 'warning'));
    expect(told.find(({ kind }) => kind === 'warning')).toMatchObject({
      text: expect.stringContaining('The worker process ended (signal SIGKILL); it is started again.'),
    });
    await stack.close();
  });

  it('ends everything when the guardian is killed, and says so', async () => {
    const stack = await openStack(options());
    const running = await children();
    signalProcess(running.find(({ name }) => name === 'guardian') as ProcessIdentity, 'SIGKILL');
    expect((await stack.lost).message).toContain('The process that watches over the stack was killed');
    await waitFor(async () => running.every((child) => !isRunning(child)));
    await stack.close();
  });

  it('says why a worker does not come up, and leaves nothing running', async () => {
    const broken = join(home, 'broken.mjs');
    await writeFile(broken, 'console.error("no such thing as a worker"); process.exit(3);');
    const failure = openStack(options({ workerEntry: broken }));
    await expect(failure).rejects.toThrow(
      /worker should have come up, and ended with exit code 3 instead\. Its log .* says:\n(.*\n)*no such thing as a worker/,
    );
    expect((await children()).filter(isRunning)).toEqual([]);
    expect(await readRunningStack(home)).toBeUndefined();
  });

  it('uses servers of the user’s own, and says when they are not there', async () => {
    await using stack = await openStack(options({ workerEntry: undefined }));
    const other = join(home, 'other');
    await using second = await openStack(
      options({
        home: other,
        workerEntry: undefined,
        temporalAddress: stack.temporalAddress,
        databaseUrl: stack.databaseUrl,
      }),
    );
    expect(second).toMatchObject({
      temporalAddress: stack.temporalAddress,
      databaseUrl: stack.databaseUrl,
      uiUrl: undefined,
    });
    await expect(
      openStack(
        options({
          home: join(home, 'third'),
          temporalAddress: stack.temporalAddress,
          databaseUrl: 'postgres://nobody:wrong@127.0.0.1:1/none',
        }),
      ),
    ).rejects.toThrow('Postgres at 127.0.0.1:1/none should accept connections, and did not');
  });
});
