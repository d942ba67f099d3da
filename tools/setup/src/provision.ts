import { join } from 'node:path';
import { toAppError } from '@overture/core';
import { proxyFetch, type SourceFailure } from '@overture/downloads';
import { baseModelPlaces, resolveBaseModel } from '@overture/models';
import { ensureTemporalBinary, temporalSettings } from '@overture/stack';
import type { ProgressLine } from './progress-line.ts';

export interface ProvisionOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
  /** `linux-x64`, `darwin-arm64`, … */
  readonly platform: string;
  readonly userHome: string;
  readonly show: ProgressLine;
}

export interface Provisioned {
  /** Files that were found or fetched; while they are there unchanged, nothing need be asked again. */
  readonly files: readonly string[];
  /** What could not be had, but is not needed: the tiny model, made from the corpus, takes the place of a base model. */
  readonly lacking: readonly string[];
}

/**
 * Sees to it that a Temporal server and the base model are on this machine.
 * @throws AppError `SOURCES_EXHAUSTED` when there is no Temporal server to be had
 */
export async function provision(options: ProvisionOptions): Promise<Provisioned> {
  const [temporal, base] = await Promise.all([provisionTemporal(options), provisionBaseModel(options)]);
  return { files: [...temporal, ...(base ?? [])], lacking: base === undefined ? ['base model'] : [] };
}

async function provisionTemporal({ env, cacheDir, platform, show }: ProvisionOptions): Promise<readonly string[]> {
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

async function provisionBaseModel({ env, cacheDir, userHome, show }: ProvisionOptions): Promise<readonly string[] | undefined> {
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

/** A source that simply has nothing is the usual case and not worth a line; one that failed is. */
function tellFailure(show: ProgressLine, what: string): (failure: SourceFailure) => void {
  return ({ source, code, reason }) => {
    if (code !== 'NOT_THERE') show.line(`${what}: ${source} did not do (${reason.split('\n')[0]})`);
  };
}
