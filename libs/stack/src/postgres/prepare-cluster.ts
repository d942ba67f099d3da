import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '@overture/core';
import { postgresAccount, reachableFolder, reachablePrograms, type Account } from './postgres-account.ts';
import { postgresPrograms } from './postgres-programs.ts';
import { runProgram } from './run-program.ts';

/** A data folder that is ready to be served. */
export interface PostgresCluster {
  readonly account: Account | undefined;
  /** The folder that contains `bin`, `lib` and `share`. */
  readonly programs: string;
  readonly dataDir: string;
  readonly user: string;
  readonly password: string;
  /** The name of the registry's database. */
  readonly database: string;
}

/** Where and for which account a cluster is prepared. */
export interface PrepareClusterOptions {
  /** The home's folder for Postgres. */
  readonly folder: string;
  /** `linux-x64`, `darwin-arm64`, …: `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly uid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

const user = 'overture';
const database = 'overture';

/**
 * Finds or creates the cluster of a home. The generated password is stored beside the data, readable only by
 * its owner; every connection requires it.
 * @throws AppError `POSTGRES_INIT_FAILED`, `POSTGRES_PASSWORD_LOST`, `POSTGRES_PROGRAMS_MISSING`,
 * `POSTGRES_ACCOUNT_MISSING`
 */
export async function prepareCluster({
  folder,
  platform,
  uid,
  env,
  signal,
}: PrepareClusterOptions): Promise<PostgresCluster> {
  const [installed, account] = await Promise.all([postgresPrograms(platform), postgresAccount(uid)]);
  const [place, programs] = await Promise.all([
    reachableFolder(account, folder),
    reachablePrograms(account, installed.root, installed.version),
  ]);
  // initdb starts the server through a shell, with its path between double quotes.
  if (/["$`\\]/.test(programs)) {
    throw new AppError(
      'POSTGRES_PROGRAMS_PATH',
      `Postgres cannot be started from a folder with ", $, \` or \\ in its name. Got ${programs}. Move the project to another folder, or set DATABASE_URL to a database of your own.`,
      { details: { programs } },
    );
  }
  const cluster = { account, programs, dataDir: join(place, 'data'), user, database };
  const passwordFile = join(place, 'password');
  const initialized = await exists(join(cluster.dataDir, 'PG_VERSION'));
  const kept = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (initialized && kept === undefined) {
    throw new AppError(
      'POSTGRES_PASSWORD_LOST',
      `The database in ${cluster.dataDir} should have its password in ${passwordFile}, which is gone. Restore that file, or move the data folder away to begin with an empty registry (models stay in the artifact store).`,
    );
  }
  if (initialized && kept !== undefined) return { ...cluster, password: kept.trim() };
  const password = randomBytes(24).toString('base64url');
  await initialize({ ...cluster, password }, passwordFile, { env, signal });
  return { ...cluster, password };
}

/**
 * Runs initdb in a draft folder and renames that folder, so that an interrupted start leaves no partial
 * cluster.
 */
async function initialize(
  cluster: PostgresCluster,
  passwordFile: string,
  { env, signal }: Pick<PrepareClusterOptions, 'env' | 'signal'>,
): Promise<void> {
  const { account, programs, dataDir, password } = cluster;
  await removeDrafts(dataDir);
  const draft = await mkdtemp(draftPrefix(dataDir));
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  // initdb needs an empty folder, so its password file is beside that folder.
  const initdbPassword = `${draft}-password`;
  await writeFile(initdbPassword, `${password}\n`, { mode: 0o600 });
  if (account) for (const path of [draft, initdbPassword]) await chown(path, account.uid, account.gid);
  const settings = { account, env: { ...env, LC_ALL: 'C' }, timeoutMs: 120_000, signal };
  try {
    const args = [
      `--pgdata=${draft}`,
      `--username=${user}`,
      `--pwfile=${initdbPassword}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ];
    await runProgram(join(programs, 'bin', 'initdb'), args, settings);
    // No server is needed: PostgreSQL's single-user mode reads one statement per line.
    await runProgram(join(programs, 'bin', 'postgres'), ['--single', '-D', draft, 'postgres'], {
      ...settings,
      input: `create database ${database};\n`,
    });
    await rename(draft, dataDir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
    signal?.throwIfAborted();
    if (/could not look up effective user ID/.test((error as Error).message)) {
      const user = process.getuid?.();
      throw new AppError(
        'POSTGRES_ACCOUNT_MISSING',
        `User ${user} has no account on this machine, and Postgres does not create a database without one. Set DATABASE_URL to a database of your own, or add a line for ${user} to /etc/passwd.`,
        { cause: error },
      );
    }
    throw new AppError(
      'POSTGRES_INIT_FAILED',
      `Could not create a database in ${dataDir}: ${(error as Error).message}`,
      {
        details: { dataDir },
        cause: error,
      },
    );
  } finally {
    await rm(initdbPassword, { force: true });
  }
}

function draftPrefix(dataDir: string): string {
  return `${dataDir}.new-`;
}

/**
 * Removes the drafts of killed starts. An initdb that still writes to one does no harm, because the draft is
 * never used.
 */
async function removeDrafts(dataDir: string): Promise<void> {
  const folder = dirname(dataDir);
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(basename(draftPrefix(dataDir))));
  await Promise.all(
    drafts.map((name) => rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined)),
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
