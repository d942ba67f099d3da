import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '@overture/core';
import { claimPart, type PartFile } from './claim-part.ts';
import { displayUrl } from './display-url.ts';
import { installFile } from './install-file.ts';
import { plainFetch, type Fetch } from './proxy-fetch.ts';
import { sha256File } from './sha256-file.ts';
import { TransferFailure } from './transfer-failure.ts';
import { transfer } from './transfer.ts';

/** The progress of a download in bytes; `total` is absent until the server reports it. */
export interface DownloadProgress {
  readonly what: string;
  readonly received: number;
  readonly total?: number;
}

/** What to download, and how. */
export interface DownloadOptions {
  readonly url: string;
  /** Destination file. Its folder is created. The file appears there complete, or not at all. */
  readonly to: string;
  /**
   * 64 hexadecimal digits. If set, an existing file is accepted, and a partial file of an earlier process is
   * resumed.
   */
  readonly sha256?: string;
  /** Expected size. */
  readonly bytes?: number;
  /** Permission bits of the installed file, such as 0o755. */
  readonly mode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether to resume a partial file. Default true. */
  readonly resume?: boolean;
  /** Limit for the whole download; default 30 minutes. */
  readonly timeoutMs?: number;
  /** Maximum time without data before a request is aborted; default 20 seconds. */
  readonly stallTimeoutMs?: number;
  /** Maximum number of requests; default 5. Only transient failures are retried. */
  readonly attempts?: number;
  /** Delay before the second request, doubled for each further one; default 500 ms. */
  readonly backoffMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Default: the platform's fetch. See `proxyFetch`. */
  readonly fetch?: Fetch;
}

/** A downloaded file. */
export interface DownloadedFile {
  readonly path: string;
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  /** True if the verified file already existed and nothing was requested. */
  readonly reused: boolean;
}

/**
 * Downloads a file over HTTP(S). It is resumed with range requests, verified and installed atomically.
 * @throws AppError `DOWNLOAD_UNREACHABLE` (retryable), `DOWNLOAD_REFUSED` (4xx), `DOWNLOAD_CORRUPT` (size or
 * SHA-256)
 */
export async function download(options: DownloadOptions): Promise<DownloadedFile> {
  const present = await verifiedFile(options);
  if (present) return present;
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 30 * 60_000);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const part = await claimPart(options.to);
  try {
    return await fetchInto(part, { ...options, signal });
  } catch (error) {
    // Without a hash, no later process could safely resume it.
    if (options.sha256 === undefined || options.resume === false) await rm(part.path, { force: true });
    options.signal?.throwIfAborted();
    if (!deadline.aborted) throw error;
    throw unreachable(
      options,
      1,
      new TransferFailure(`the limit of ${(options.timeoutMs ?? 0) / 1000} s passed`, { transient: true }),
    );
  } finally {
    await part.release();
  }
}

async function fetchInto(part: PartFile, options: DownloadOptions): Promise<DownloadedFile> {
  const state = await resumeState(part, options);
  const attempts = options.attempts ?? 5;
  for (let attempt = 1; ; attempt++) {
    try {
      await requestRest(part, state, options);
      return await verifyAndInstall(part, state, options);
    } catch (error) {
      if (!(error instanceof TransferFailure)) throw error;
      if (
        error.restart ||
        (state.etag === undefined && options.sha256 === undefined) ||
        options.resume === false
      )
        reset(state);
      if (!error.transient || attempt >= attempts) throw failureOf(options, attempt, error);
    }
    await pause((options.backoffMs ?? 500) * 2 ** (attempt - 1), undefined, { signal: options.signal });
  }
}

interface State {
  received: number;
  hash: Hash;
  total?: number;
  etag?: string;
  /** Whether the file contains bytes from an earlier process, which may be the cause of a wrong hash. */
  inherited: boolean;
}

async function resumeState(part: PartFile, options: DownloadOptions): Promise<State> {
  const state: State = { received: 0, hash: createHash('sha256'), total: options.bytes, inherited: false };
  // Without a hash for the whole file, bytes from an earlier process may belong to another file.
  if (!part.resumable || options.resume === false || options.sha256 === undefined) return state;
  const size = await sizeOf(part.path);
  if (size === undefined || size === 0 || (options.bytes !== undefined && size > options.bytes)) return state;
  for await (const chunk of createReadStream(part.path, { signal: options.signal }))
    state.hash.update(chunk as Buffer);
  return { ...state, received: size, inherited: true };
}

function reset(state: State): void {
  Object.assign(state, { received: 0, hash: createHash('sha256'), etag: undefined, inherited: false });
}

async function requestRest(part: PartFile, state: State, options: DownloadOptions): Promise<void> {
  if (state.received > 0 && state.received === state.total) return;
  const what = displayUrl(options.url);
  await transfer({
    url: options.url,
    part: part.path,
    offset: state.received,
    etag: state.etag,
    headers: options.headers ?? {},
    fetch: options.fetch ?? plainFetch,
    signal: options.signal,
    stallTimeoutMs: options.stallTimeoutMs ?? 20_000,
    onStart: ({ offset, total, etag }) => {
      if (offset === 0) reset(state);
      Object.assign(state, { total: total ?? options.bytes, etag });
      options.onProgress?.({ what, received: state.received, total: state.total });
      return state.hash;
    },
    onChunk: (bytes) => {
      state.received += bytes;
      options.onProgress?.({ what, received: state.received, total: state.total });
    },
  });
  if (state.total !== undefined && state.received < state.total) {
    throw new TransferFailure(`the connection ended after ${state.received} of ${state.total} bytes`, {
      transient: true,
    });
  }
}

async function verifyAndInstall(
  part: PartFile,
  state: State,
  options: DownloadOptions,
): Promise<DownloadedFile> {
  const sha256 = state.hash.copy().digest('hex');
  const sizeWrong = options.bytes !== undefined && state.received !== options.bytes;
  if (sizeWrong || (options.sha256 !== undefined && sha256 !== options.sha256)) {
    await rm(part.path, { force: true });
    if (state.inherited)
      throw new TransferFailure('the partial file of an earlier download was damaged', {
        transient: true,
        restart: true,
      });
    const expected = sizeWrong ? `${options.bytes} bytes` : `SHA-256 ${options.sha256}`;
    const came = sizeWrong ? `${state.received} bytes` : `SHA-256 ${sha256} (${state.received} bytes)`;
    throw new AppError(
      'DOWNLOAD_CORRUPT',
      `${displayUrl(options.url)} should have ${expected}. Got ${came} instead, so nothing was installed. The file changed at its source, or a proxy answered in its place; get the right one by hand and put it at ${options.to}.`,
      { details: { url: displayUrl(options.url), to: options.to, expected, came } },
    );
  }
  await installFile(part.path, options.to, { mode: options.mode });
  return { path: options.to, bytes: state.received, sha256, reused: false };
}

async function verifiedFile({ to, sha256, signal }: DownloadOptions): Promise<DownloadedFile | undefined> {
  const bytes = await sizeOf(to);
  if (bytes === undefined || sha256 === undefined) return undefined;
  return (await sha256File(to, { signal })) === sha256
    ? { path: to, bytes, sha256, reused: true }
    : undefined;
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

function failureOf(options: DownloadOptions, attempts: number, failure: TransferFailure): AppError {
  const refused = failure.status !== undefined && failure.status < 500 && !failure.transient;
  if (!refused) return unreachable(options, attempts, failure);
  const url = displayUrl(options.url);
  return new AppError(
    'DOWNLOAD_REFUSED',
    `${url} should be a file that can be fetched, but ${failure.message}. Check the address, or put the file at ${options.to} by hand.`,
    {
      details: { url, to: options.to, status: failure.status },
      cause: failure,
    },
  );
}

function unreachable(options: DownloadOptions, attempts: number, failure: TransferFailure): AppError {
  const url = displayUrl(options.url);
  return new AppError(
    'DOWNLOAD_UNREACHABLE',
    `${url} could not be fetched: ${failure.message}${attempts > 1 ? `, ${attempts} times` : ''}. Check the network; behind a proxy set HTTPS_PROXY; offline, put the file at ${options.to} by hand${options.sha256 === undefined ? '' : ` (SHA-256 ${options.sha256})`}.`,
    {
      details: { url, to: options.to, attempts, reason: failure.message, status: failure.status },
      retryable: true,
      cause: failure,
    },
  );
}
