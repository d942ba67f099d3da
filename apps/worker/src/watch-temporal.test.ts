import { emptyDatabase } from '@overture/registry/testing';
import { temporalProcess } from '@overture/stack/testing';
import { Client, Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';
import type {} from '@overture/durable/testing/provided-context';
import { watchTemporal } from './watch-temporal.ts';

it('says at once that Temporal is gone, repeats it now and then, and says when it is back', async () => {
  await using left = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'overture-watch-'));
  left.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const temporal = left.use(await temporalProcess(join(folder, 'temporal.db')));
  const connection = await Connection.connect({ address: temporal.address });
  left.defer(() => connection.close());
  const lines: string[] = [];
  let time = 0;
  using _watch = watchTemporal({
    client: new Client({ connection }),
    now: () => time,
    everyMs: 20,
    toldEveryMs: 1_000,
    logger: {
      info: (_, message) => void lines.push(message),
      warn: (details, message) => void lines.push(`${(details as { seconds: number }).seconds} ${message}`),
    },
  });
  await temporal.kill();
  const gone =
    'Temporal does not answer for the namespace; the worker gets no tasks. It asks again every few seconds.';
  await expect.poll(() => lines).toEqual([`0 ${gone}`]);
  time = 999;
  const looked = lines.length;
  time = 2_000;
  await expect.poll(() => lines.length).toBeGreaterThan(looked);
  expect(lines).toEqual([`0 ${gone}`, `2 ${gone}`]);
  await temporal.start();
  await expect.poll(() => lines.at(-1)).toBe('Temporal answers again.');
});

it.each([
  [
    'a namespace that does not exist',
    { TEMPORAL_NAMESPACE: 'nowhere' },
    /namespace nowhere, cannot be reached yet; trying again for two minutes/,
  ],
  [
    'a server that does not exist',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /Temporal at 127\.0\.0\.1:1, namespace default, cannot be reached yet/,
  ],
])('a worker on %s says so while it waits', async (_, env, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'overture-watch-'));
  const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: {
      ...process.env,
      OVERTURE_HOME: join(folder, 'home'),
      OVERTURE_CACHE: join(folder, 'cache'),
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      DATABASE_URL: await emptyDatabase(),
      ...env,
    },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await expect.poll(() => log).toMatch(message);
  child.kill('SIGKILL');
  await exited;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});
