import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, digestOf, shortDigest } from '@overture/core';

/** An operating system account. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

/**
 * The account that Postgres runs under. Postgres refuses to run as root, so root uses the account `postgres`,
 * which is created if missing. Undefined for every other user: Postgres then runs as that user.
 * @throws AppError `POSTGRES_ACCOUNT_MISSING`
 */
export async function postgresAccount(ownUid: number): Promise<Account | undefined> {
  if (ownUid !== 0) return undefined;
  const present = await lookUp();
  if (present) return present;
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/usr/sbin/nologin',
      'postgres',
    ]);
  } catch (error) {
    throw new AppError(
      'POSTGRES_ACCOUNT_MISSING',
      `Postgres does not run as root and needs an account "postgres", which could not be created: ${(error as Error).message.trim()}. Create it, or run as an ordinary user, or set DATABASE_URL to a database of your own.`,
      { cause: error },
    );
  }
  return lookUp();
}

async function lookUp(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)),
    );
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

/** Whether the account can enter the folder, which requires access to every folder on its path. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** The folder for files that an account must reach if it cannot enter root's home (such as /root/…). */
const sharedFolder = process.platform === 'darwin' ? '/usr/local/var/overture' : '/var/lib/overture';

/** A folder for a home's data that the account can enter: inside the home if possible. */
export async function reachableFolder(account: Account | undefined, inHome: string): Promise<string> {
  await mkdir(inHome, { recursive: true, mode: 0o755 });
  if (account === undefined || (await canEnter(account, inHome))) return inHome;
  const outside = join(sharedFolder, shortDigest(digestOf(inHome)));
  await mkdir(outside, { recursive: true, mode: 0o755 });
  return outside;
}

/** The programs' folder, or a copy of it that the account can enter. The copy is made atomically. */
export async function reachablePrograms(
  account: Account | undefined,
  folder: string,
  version: string,
): Promise<string> {
  if (account === undefined || (await canEnter(account, folder))) return folder;
  const copy = join(sharedFolder, `postgres-${version}`);
  const present = await stat(copy).catch(() => undefined);
  if (present) return copy;
  const draft = `${copy}.${process.pid}`;
  await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
  await rm(draft, { recursive: true, force: true });
  await cp(folder, draft, { recursive: true, verbatimSymlinks: true });
  await rename(draft, copy).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return copy;
}
