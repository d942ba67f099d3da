import { createServer } from 'node:net';
import { AppError, type RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { openRegistry } from './open-registry.ts';
import { emptyDatabase, startTestPostgres, createTestDatabase } from './testing/index.ts';

const failure = async (databaseUrl: string): Promise<AppError> => {
  const error: unknown = await openRegistry({ databaseUrl }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
};

/** Everything that a log could contain of an error, including its causes. */
function printed(error: unknown): string {
  const parts = [];
  for (let at = error; at instanceof Error; at = at.cause)
    parts.push(at.message, at.stack, JSON.stringify(at));
  return parts.join('\n');
}

describe('openRegistry', () => {
  it.each([
    'postgres://me:hunter2@127.0.0.1:notaport/db',
    'postgres://me:hunter2@[::1/db',
    'mysql://me:hunter2@127.0.0.1/db',
    'hunter2',
    '',
  ])('does not repeat an address that it cannot read: %s', async (databaseUrl) => {
    const error = await failure(databaseUrl);
    expect(error.code).toBe('REGISTRY_URL');
    expect(error.message).toContain(
      'DATABASE_URL must be an address such as postgres://user:password@host:5432/database.',
    );
    expect(printed(error)).not.toContain('hunter2');
  });

  it('says where no database answers, without credentials, and that trying again can help', async () => {
    const error = await failure('postgres://me:hunter2@127.0.0.1:1/runs');
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retryable: true });
    expect(error.message).toMatch(
      /^The registry's database runs at 127\.0\.0\.1:1 must answer\. Got: connect ECONNREFUSED/,
    );
    expect(printed(error)).not.toContain('hunter2');
  });

  it('says the same of a server that hangs up', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    expect(await failure(`postgres://me:hunter2@127.0.0.1:${port}/runs`)).toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
      retryable: true,
    });
    server.close();
  });

  it('tells a wrong password and a missing database from a server that is down', async () => {
    const url = new URL(await emptyDatabase());
    const noDatabase = await failure(Object.assign(new URL(url), { pathname: '/nowhere' }).href);
    expect(noDatabase).toMatchObject({
      code: 'REGISTRY_ACCESS',
      retryable: false,
      message: expect.stringContaining('database "nowhere" does not exist. Check DATABASE_URL.'),
    });
    const wrongPassword = await failure(Object.assign(new URL(url), { password: 'hunter2' }).href);
    expect(wrongPassword).toMatchObject({
      code: 'REGISTRY_ACCESS',
      retryable: false,
      message: expect.stringContaining('password authentication failed'),
    });
    expect(printed(wrongPassword)).not.toContain('hunter2');
  });

  it('tells its logger where it is, and nothing of who logs in', async () => {
    const databaseUrl = await emptyDatabase();
    const lines: string[] = [];
    const log = (details: object, message: string): void =>
      void lines.push(JSON.stringify({ ...details, message }));
    await using _registry = await openRegistry({ databaseUrl, logger: { info: log, warn: log } });
    expect(lines).toEqual([
      expect.stringMatching(/"database":"test_\w+ at 127\.0\.0\.1:\d+".+The registry is open\./),
    ]);
    expect(lines.join()).not.toContain(new URL(databaseUrl).password);
  });

  it('can be closed twice', async () => {
    const registry = await openRegistry({ databaseUrl: await emptyDatabase() });
    await registry.close();
    await registry.close();
  });
});

describe('a registry whose database stops and comes back', () => {
  it('fails as unavailable meanwhile, then goes on with what was there', async () => {
    await using server = await startTestPostgres();
    const warnings: string[] = [];
    const logger = {
      info: () => undefined,
      warn: (_details: object, message: string) => void warnings.push(message),
    };
    await using registry = await openRegistry({ databaseUrl: await createTestDatabase(server.url), logger });
    const run = 'w/r' as RunId;
    await registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
    const { resume } = await server.pause();
    for (const call of [
      () => registry.listRuns(),
      () => registry.finishRun({ run, outcome: 'completed' }),
      () => registry.recordMetrics(run, [{ scope: 's', name: 'n', value: 1 }]),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retryable: true });
    }
    await resume();
    await registry.finishRun({ run, outcome: 'completed' });
    expect(await registry.getRun(run)).toMatchObject({ state: 'completed', metrics: [] });
    expect(warnings).toContain('A connection to the registry was lost; the next call opens a new one.');
  });
});
