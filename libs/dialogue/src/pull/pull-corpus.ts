import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { download, type DownloadOptions, type DownloadProgress, type Fetch } from '@overture/downloads';
import {
  corpusCatalogue,
  type CatalogueCorpus,
  type CatalogueFile,
  type CatalogueName,
} from './corpus-catalogue.ts';
import { admitByContent } from './admit-by-content.ts';
import { readPullRecord, writePullRecord, type PullRecord } from './pull-record.ts';

/** Options of `pullCorpus`. */
export interface PullOptions {
  /** The target folder; created if missing. */
  readonly dir: string;
  /** Another source of the same files, such as your own mirror. */
  readonly baseUrl?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** See `proxyFetch` of @overture/downloads. */
  readonly fetch?: Fetch;
  /** Retry policy of each download; see `DownloadOptions`. */
  readonly patience?: Pick<DownloadOptions, 'attempts' | 'backoffMs' | 'stallTimeoutMs' | 'timeoutMs'>;
}

/** A downloaded corpus. */
export interface PulledCorpus {
  readonly name: string;
  readonly dir: string;
  readonly files: readonly PulledFile[];
}

/** A file of a downloaded corpus. */
export interface PulledFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** True if it already existed and nothing was downloaded. */
  readonly reused: boolean;
  /**
   * A hash in the catalog, the hash from an earlier pull into this folder, or the counts in the catalog.
   */
  readonly verifiedBy: 'sha256' | 'earlier-pull' | 'counts';
}

/**
 * Downloads a corpus of the catalog into a folder, which `openCorpus` can open. Existing valid files are
 * kept and partial ones resumed. Each file appears complete and verified, or not at all.
 * @throws AppError `CORPUS_NAME_UNKNOWN`, `CORPUS_PULL_UNREACHABLE` (retryable), `CORPUS_PULL_MISMATCH`,
 * `DOWNLOAD_REFUSED`, `DOWNLOAD_CORRUPT`
 */
export async function pullCorpus(name: string, options: PullOptions): Promise<PulledCorpus> {
  return pullFiles(name, entryOf(name), options);
}

/** `pullCorpus` for an entry that need not be in the catalog. */
export async function pullFiles(
  name: string,
  corpus: CatalogueCorpus,
  options: PullOptions,
): Promise<PulledCorpus> {
  await mkdir(options.dir, { recursive: true });
  const record = await readPullRecord(options.dir);
  const files: PulledFile[] = [];
  for (const file of corpus.files) {
    try {
      files.push(await pullFile(corpus, file, { ...options, record }));
    } catch (error) {
      throw unreachable(error, name, corpus, options) ?? error;
    }
  }
  await writePullRecord(options.dir, {
    corpus: name,
    files: Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])),
  });
  return { name, dir: options.dir, files };
}

async function pullFile(
  corpus: CatalogueCorpus,
  file: CatalogueFile,
  options: PullOptions & { readonly record: PullRecord | undefined },
): Promise<PulledFile> {
  const { dir, onProgress, signal, fetch, patience } = options;
  const base = options.baseUrl ?? corpus.baseUrl;
  const url = new URL(file.name, base.endsWith('/') ? base : `${base}/`).href;
  const path = join(dir, file.name);
  const request = { url, bytes: file.bytes, onProgress, signal, fetch, ...patience };
  const known = file.sha256 ?? options.record?.files[file.name];
  if (known !== undefined) {
    const { bytes, sha256, reused } = await download({ ...request, to: path, sha256: known });
    return {
      name: file.name,
      path,
      bytes,
      sha256,
      reused,
      verifiedBy: file.sha256 ? 'sha256' : 'earlier-pull',
    };
  }
  const unverified = await download({ ...request, to: `${path}.unverified` });
  await admitByContent(unverified.path, path, { ...file, format: corpus.format, url, signal });
  return {
    name: file.name,
    path,
    bytes: unverified.bytes,
    sha256: unverified.sha256,
    reused: false,
    verifiedBy: 'counts',
  };
}

function entryOf(name: string): CatalogueCorpus {
  if (Object.hasOwn(corpusCatalogue, name)) return corpusCatalogue[name as CatalogueName];
  const names = Object.keys(corpusCatalogue).join(', ');
  throw new AppError(
    'CORPUS_NAME_UNKNOWN',
    `A corpus that can be pulled must be one of: ${names}. Got ${JSON.stringify(name)} instead; to use a corpus of your own, give its path to train.`,
    {
      details: { received: name },
    },
  );
}

function unreachable(
  error: unknown,
  name: string,
  corpus: CatalogueCorpus,
  { dir, baseUrl }: PullOptions,
): AppError | undefined {
  if (!(error instanceof AppError) || error.code !== 'DOWNLOAD_UNREACHABLE') return undefined;
  const files = corpus.files.map((file) => file.name).join(', ');
  return new AppError(
    'CORPUS_PULL_UNREACHABLE',
    `The corpus ${name} could not be fetched from ${baseUrl ?? corpus.baseUrl} (${String(error.details['reason'])}). Behind a proxy, set HTTPS_PROXY; offline, fetch ${files} elsewhere and put them into ${dir}, or train on another corpus.`,
    { details: { ...error.details, corpus: name, dir }, retryable: true, cause: error },
  );
}
