import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@overture/core';
import { postgresAccount, reachableFolder, reachablePrograms, type Account } from './postgres-account.ts';
import { postgresPrograms } from './postgres-programs.ts';

/** A data folder ready to be served. */
export interface PostgresCluster {
  readonly account: Account | undefined;
  /** The folder above `bin`, `lib` and `share`. */
  readonly programs: string;
  readonly dataDir: string;
  readonly user: string;
  readonly password: string;
  /** The registry's database in it. */
  readonly database: string;
}

export interface PrepareClusterOptions {
  /** The home's folder for Postgres. */
  readonly folder: string;
  /** `linux-x64`, `darwin-arm64`, …: `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly uid: number;
  readonly env: Readonly<Record<string, string>>;
}

const user = 'overture';
const database = 'overture';

/**
 * Finds the cluster of a home or creates it. The generated password lies beside the data, readable by its owner only;
 * the cluster asks for it on every connection.
 * @throws AppError `POSTGRES_INIT_FAILED`, `POSTGRES_PASSWORD_LOST`, `POSTGRES_PROGRAMS_MISSING`, `POSTGRES_ACCOUNT_MISSING`
 */
export async function prepareCluster({ folder, platform, uid, env }: PrepareClusterOptions): Promise<PostgresCluster> {
  const [installed, account] = await Promise.all([postgresPrograms(platform), postgresAccount(uid)]);
  const [place, programs] = await Promise.all([
    reachableFolder(account, folder),
    reachablePrograms(account, installed.root, installed.version),
  ]);
  const cluster = { account, programs, dataDir: join(place, 'data'), user, database };
  const passwordFile = join(place, 'password');
  const initialised = await exists(join(cluster.dataDir, 'PG_VERSION'));
  const kept = await readFile(passwordFile, 'utf8').catch(() => undefined);
  if (initialised && kept === undefined) {
    throw new AppError(
      'POSTGRES_PASSWORD_LOST',
      `The database in ${cluster.dataDir} should have its password in ${passwordFile}, which is gone. Restore that file, or move the data folder away to begin with an empty registry (models stay in the artifact store).`,
    );
  }
  if (initialised && kept !== undefined) return { ...cluster, password: kept.trim() };
  const password = randomBytes(24).toString('base64url');
  await initialise({ ...cluster, password }, passwordFile, env);
  return { ...cluster, password };
}

/** Runs initdb beside the final place and moves the result there, so that a start cut short leaves no half cluster. */
async function initialise(cluster: PostgresCluster, passwordFile: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { account, programs, dataDir, password } = cluster;
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) await chown(draft, account.uid, account.gid);
  // initdb wants an empty folder, so the password it reads lies beside, owned by the account that runs it.
  const initdbPassword = `${draft}-password`;
  await writeFile(initdbPassword, `${password}\n`, { mode: 0o600 });
  if (account) await chown(initdbPassword, account.uid, account.gid);
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
    const settings = { ...account, cwd: '/', env: { ...env, LC_ALL: 'C' }, timeout: 120_000 };
    await promisify(execFile)(join(programs, 'bin', 'initdb'), args, settings);
    // Without a server: PostgreSQL's single-user mode reads statements, one a line.
    const single = promisify(execFile)(join(programs, 'bin', 'postgres'), ['--single', '-D', draft, 'postgres'], settings);
    single.child.stdin?.end(`create database ${database};\n`);
    await single;
    await rename(draft, dataDir);
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    await rm(draft, { recursive: true, force: true });
    throw new AppError(
      'POSTGRES_INIT_FAILED',
      `A new database should be created in ${dataDir}; that failed: ${stderr.trim() || (error as Error).message}`,
      {
        details: { dataDir },
        cause: error,
      },
    );
  } finally {
    await rm(initdbPassword, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
