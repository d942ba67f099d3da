import { open } from 'node:fs/promises';
import type { Hash } from 'node:crypto';
import type { Fetch, FetchResponse } from './proxy-fetch.ts';
import { TransferFailure } from './transfer-failure.ts';

/** One request of a download. */
export interface TransferRequest {
  readonly url: string;
  readonly part: string;
  /** Number of bytes already in the part file; the request asks for the rest. */
  readonly offset: number;
  /**
   * ETag of the response that those bytes came from: the server sends only the rest if the file is unchanged.
   */
  readonly etag?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly signal?: AbortSignal;
  readonly stallTimeoutMs: number;
  /** Called once per response, with the offset and size that it reports. Returns the hash to update. */
  readonly onStart: (start: { offset: number; total?: number; etag?: string }) => Hash;
  /** Called after each chunk has been written. */
  readonly onChunk: (bytes: number) => void;
}

/**
 * Sends one request and appends the response's body to the part file, updating the hash.
 * @throws TransferFailure with whether a retry can help
 */
export async function transfer(request: TransferRequest): Promise<void> {
  const stall = new Watchdog(request.stallTimeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, stall.signal]) : stall.signal;
  let received = false;
  try {
    const response = await request.fetch(request.url, {
      headers: requestHeaders(request),
      signal,
      redirect: 'follow',
    });
    stall.feed();
    const start = readStart(response, request);
    const hash = request.onStart(start);
    const file = await open(request.part, start.offset === 0 ? 'w' : 'a');
    try {
      for await (const chunk of response.body ?? []) {
        stall.feed();
        received = true;
        hash.update(chunk);
        await file.writeFile(chunk);
        request.onChunk(chunk.byteLength);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    request.signal?.throwIfAborted();
    if (stall.signal.aborted)
      throw new TransferFailure(stall.describe(), {
        transient: received || request.offset > 0,
        cause: error,
      });
    throw TransferFailure.from(error, received);
  } finally {
    stall.stop();
  }
}

function requestHeaders({ headers, offset, etag }: TransferRequest): Record<string, string> {
  const range: Record<string, string> =
    offset === 0 ? {} : { range: `bytes=${offset}-`, ...(etag === undefined ? {} : { 'if-range': etag }) };
  return { 'accept-encoding': 'identity', ...headers, ...range };
}

/**
 * The offset in the file at which the body begins, from the status line and Content-Range (RFC 9110, sections
 * 14.4 and 15.3.7).
 */
function readStart(
  response: FetchResponse,
  { offset }: TransferRequest,
): { offset: number; total?: number; etag?: string } {
  const etag = strongEtag(response.headers.get('etag'));
  if (response.status === 206) {
    const [, first, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    if (Number(first) !== offset) {
      throw new TransferFailure(
        `the server sent bytes from ${first ?? 'an unknown place'} on where byte ${offset} was asked for`,
        {
          transient: true,
          restart: true,
        },
      );
    }
    return { offset, total: total === '*' ? undefined : Number(total), etag };
  }
  if (response.status === 416)
    throw new TransferFailure('the partial file does not fit the one on the server', {
      transient: true,
      restart: true,
    });
  if (response.status !== 200) throw TransferFailure.fromStatus(response.status, response.statusText);
  const length = response.headers.get('content-length');
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  return { offset: 0, total: length === null || encoded ? undefined : Number(length), etag };
}

function strongEtag(etag: string | null): string | undefined {
  return etag === null || etag.startsWith('W/') ? undefined : etag;
}

/** Aborts its signal if it is not fed for a while. */
class Watchdog {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.feed();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  feed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(), this.#timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  describe(): string {
    return `no data came for ${this.#timeoutMs / 1000} s`;
  }
}
