import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { proxyFetch, type SourceFailure } from '@overture/downloads';
import { baseModelPlaces, resolveBaseModel } from '@overture/models';
import { ensureTemporalBinary, temporalSettings } from '@overture/stack';
import type { ProgressLine } from './progress-line.ts';

/** Options of `provision`. */
export interface ProvisionOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  /** `linux-x64`, `darwin-arm64`, … */
  readonly platform: string;
  readonly userHome: string;
  readonly show: ProgressLine;
}

/** The result of provisioning. */
export interface Provisioned {
  /** Files that were found or downloaded. While they exist unchanged, provisioning can be skipped. */
  readonly files: readonly string[];
  /**
   * Optional items that were unavailable. The tiny model, created from the corpus, replaces a missing base
   * model.
   */
  readonly lacking: readonly string[];
}

/**
 * Makes sure that a Temporal server and the base model are on this machine.
 * @throws AppError `SOURCES_EXHAUSTED` if no Temporal server is available
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  const [temporal, base] = await Promise.all([provisionTemporal(options), provisionBaseModel(options)]);
  return { files: [...temporal, ...(base ?? [])], lacking: base === undefined ? ['base model'] : [] };
}

async function provisionTemporal({
  env,
  cacheDir,
  platform,
  show,
}: ProvisionOptions): Promise<readonly string[]> {
  if (temporalSettings(env).address !== undefined) return [];
  const binary = await ensureTemporalBinary({
    cacheDir,
    env,
    platform,
    onProgress: show.progress,
    onFailure: tellFailure(show, 'Temporal'),
  });
  show.line(`${binary.version}, from ${binary.source}`);
  return [binary.path];
}

async function provisionBaseModel({
  env,
  cacheDir,
  userHome,
  show,
}: ProvisionOptions): Promise<readonly string[] | undefined> {
  try {
    const { name, source, files } = await resolveBaseModel('minilm', {
      cacheDir: join(cacheDir, 'models'),
      ...baseModelPlaces(env, userHome),
      env,
      fetch: proxyFetch(env),
      onProgress: show.progress,
      onFailure: tellFailure(show, 'base model'),
    });
    show.line(`base model ${name}, from ${source}`);
    return Object.values(files);
  } catch (error) {
    show.line(`${toAppError(error).message}\nGoing on without it.`);
    return undefined;
  }
}

/** Reports a source that failed. A source without the item is the usual case and is not reported. */
function tellFailure(show: ProgressLine, what: string): (failure: SourceFailure) => void {
  return ({ source, code, reason }) => {
    if (code !== 'NOT_THERE') show.line(`${what}: ${source} did not do (${reason.split('\n')[0]})`);
  };
}
