import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './test-postgres.ts';

/** A PgBouncer in transaction mode in front of a database. */
export interface TestPooler extends AsyncDisposable {
  /** The database's address through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts the installed `pgbouncer` with `sessions` server sessions for all clients and without support for
 * prepared statements.
 */
export async function startTestPooler(
  databaseUrl: string,
  { sessions }: { readonly sessions: number },
): Promise<TestPooler> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const folder = await mkdtemp(join(tmpdir(), 'overture-pgbouncer-'));
  const listening = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} dbname=${pathname.slice(1)} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listening}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${sessions}
`,
  );
  // PgBouncer does not run as root, so another user must be able to read its file.
  await chmod(folder, 0o755);
  const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const server = spawn('pgbouncer', [file], { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = (): void => void server.kill('SIGKILL');
  process.once('exit', kill);
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  let log = '';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    void gone.then(() => reject(new Error(`PgBouncer did not start:\n${log}`)));
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('process up')) resolve();
    });
  });
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await gone;
    process.off('exit', kill);
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `postgres://anybody@127.0.0.1:${listening}${pathname}`, stop, [Symbol.asyncDispose]: stop };
}
