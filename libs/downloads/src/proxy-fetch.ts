import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

/** The part of fetch that downloads use. */
export type Fetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal; redirect: 'follow' },
) => Promise<FetchResponse>;

/** The part of a response that downloads read. */
export interface FetchResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * A fetch that uses the proxies named by `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` in the given environment.
 * Lowercase spellings take precedence. Without any of them, it is the platform's own fetch. Loopback
 * addresses are never proxied.
 */
export function proxyFetch(env: Readonly<Record<string, string | undefined>>): Fetch {
  const httpProxy = env['http_proxy'] || env['HTTP_PROXY'] || undefined;
  const httpsProxy = env['https_proxy'] || env['HTTPS_PROXY'] || undefined;
  if (httpProxy === undefined && httpsProxy === undefined) return plainFetch;
  const noProxy = [env['no_proxy'] || env['NO_PROXY'], 'localhost,127.0.0.1,[::1]'].filter(Boolean).join(',');
  // Empty strings, because undici reads process.env for undefined options.
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy,
  });
  return (url, init) => undiciFetch(url, { ...init, dispatcher });
}

/** The platform's own fetch, which uses a proxy only if Node was started with `NODE_USE_ENV_PROXY=1`. */
export const plainFetch: Fetch = (url, init) => fetch(url, init) as Promise<FetchResponse>;
