import { execFile } from 'node:child_process';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, digestOf, shortDigest } from '@overture/core';

/** An account of the operating system. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const run = promisify(execFile);

/**
 * Postgres refuses to run as root, so root lends it the account `postgres`, which is created where it is missing.
 * Undefined for everybody else: Postgres then runs as the user.
 * @throws AppError `POSTGRES_ACCOUNT_MISSING`
 */
export async function postgresAccount(ownUid: number): Promise<Account | undefined> {
  if (ownUid !== 0) return undefined;
  const present = await lookUp();
  if (present) return present;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
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
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)));
    return uid === undefined || gid === undefined ? undefined : { uid, gid };
  } catch {
    return undefined;
  }
}

/** Whether the account can enter the folder: every folder on the way must let it pass. */
export async function canEnter(account: Account, folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Where root keeps what an account must reach when the home (such as /root/…) is closed to it. */
const sharedFolder = process.platform === 'darwin' ? '/usr/local/var/overture' : '/var/lib/overture';

/** A folder for the data of one home that the account can enter: inside the home if possible. */
export async function reachableFolder(account: Account | undefined, inHome: string): Promise<string> {
  await mkdir(inHome, { recursive: true, mode: 0o755 });
  if (account === undefined || (await canEnter(account, inHome))) return inHome;
  const outside = join(sharedFolder, shortDigest(digestOf(inHome)));
  await mkdir(outside, { recursive: true, mode: 0o755 });
  return outside;
}

/** The programs' folder, or, where the account cannot enter it, a copy that it can. The copy appears whole or not at all. */
export async function reachablePrograms(account: Account | undefined, folder: string, version: string): Promise<string> {
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
