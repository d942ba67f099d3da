import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

/** What a download needs of fetch. */
export type Fetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal; redirect: 'follow' },
) => Promise<FetchResponse>;

/** What a download reads of a response. */
export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * A fetch that goes through the proxies named by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (or their lower-case
 * spellings, which win) of the environment passed in; without one of them, the platform's own fetch.
 * Loopback addresses are never proxied.
 */
export function proxyFetch(env: Readonly<Record<string, string | undefined>>): Fetch {
  const httpProxy = env['http_proxy'] || env['HTTP_PROXY'] || undefined;
  const httpsProxy = env['https_proxy'] || env['HTTPS_PROXY'] || undefined;
  if (httpProxy === undefined && httpsProxy === undefined) return plainFetch;
  const noProxy = [env['no_proxy'] || env['NO_PROXY'], 'localhost,127.0.0.1,[::1]'].filter(Boolean).join(',');
  // Empty strings, because undici reads process.env for what is undefined.
  const dispatcher = new EnvHttpProxyAgent({ httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy });
  return (url, init) => undiciFetch(url, { ...init, dispatcher });
}

/** The platform's own fetch, which asks a proxy only when Node was started with `NODE_USE_ENV_PROXY=1`. */
export const plainFetch: Fetch = (url, init) => fetch(url, init) as Promise<FetchResponse>;
