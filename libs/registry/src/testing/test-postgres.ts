import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresPrograms, type PostgresPrograms } from './postgres-programs.ts';

/** A real Postgres server for tests, on a free local port, with its data in a temporary folder. */
export interface TestPostgres extends AsyncDisposable {
  /** The address of the server's own database; pass it to `createTestDatabase`. */
  readonly url: string;
  /** Stops the server and deletes its data. */
  stop(): Promise<void>;
  /**
   * Stops the server until `resume` starts it again with the same port and data, to test how a program
   * handles an outage.
   */
  pause(): Promise<{ resume(): Promise<void> }>;
}

const user = 'overture';
const password = 'secret-of-the-test';
// Tests need no durability. No Unix socket, because its folder may be inaccessible to the account.
const fastSettings = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'unix_socket_directories=',
  'listen_addresses=127.0.0.1',
];

/** Options of `startTestPostgres`. */
export interface TestPostgresOptions {
  /** Files to write into the data folder before the start, by name: certificates, `pg_hba.conf`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings as in `postgresql.conf`, such as `ssl=on`. */
  readonly settings?: readonly string[];
}

/**
 * Starts a Postgres server for tests. One server per test run is enough, with a database per test. Takes one
 * to three seconds.
 */
export async function startTestPostgres({
  files = {},
  settings = [],
}: TestPostgresOptions = {}): Promise<TestPostgres> {
  const programs = await postgresPrograms();
  const data = await makeCluster(programs);
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(data, name), content, { mode: 0o600 });
    if (programs.account.uid !== undefined && programs.account.gid !== undefined)
      await chown(join(data, name), programs.account.uid, programs.account.gid);
  }
  const port = await freePort();
  let server = await startServer(programs, { data, port, settings });

  const stop = async (): Promise<void> => {
    await stopServer(server);
    await rm(data, { recursive: true, force: true });
  };
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres`,
    async pause() {
      await stopServer(server);
      return {
        resume: async () => {
          server = await startServer(programs, { data, port, settings });
        },
      };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Creates an empty database on a server and returns its address. */
export async function createTestDatabase(serverUrl: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
}

async function makeCluster({ bin, account }: PostgresPrograms): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'overture-postgres-'));
  const passwordFile = join(data, '..', `${randomUUID()}.password`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined)
    for (const path of [data, passwordFile]) await chown(path, account.uid, account.gid);
  try {
    const flags = [
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ];
    await promisify(execFile)(join(bin, 'initdb'), [`--pgdata=${data}`, ...flags], { ...account, cwd: data });
  } finally {
    await rm(passwordFile);
  }
  return data;
}

async function startServer(
  { bin, account }: PostgresPrograms,
  {
    data,
    port,
    settings,
  }: { readonly data: string; readonly port: number; readonly settings: readonly string[] },
): Promise<ChildProcess> {
  const flags = [...fastSettings, ...settings].flatMap((setting) => ['-c', setting]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-p', `${port}`, ...flags], {
    ...account,
    cwd: data,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = (): void => void server.kill('SIGQUIT');
  process.once('exit', kill);
  server.once('exit', () => process.off('exit', kill));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`Postgres did not start:\n${log}`)));
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
  });
  return server;
}

async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGINT'); // fast shutdown: ends sessions and keeps the data consistent
  await gone;
}

/** A free local TCP port. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string')
    throw new Error('A listening TCP server must have a port.');
  return address.port;
}
