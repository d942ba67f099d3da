import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Handles one request; `seen` lists all requests so far, including this one as the last. */
export type Answer = (
  request: IncomingMessage,
  response: ServerResponse,
  seen: readonly IncomingMessage[],
) => void;

/** A running file server. */
export interface FileServer {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** An HTTP server on a free loopback port, for tests. */
export async function fileServer(answer: Answer): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Serves content with range support, like a plain file server. */
export function serve(content: Uint8Array, etag = '"v1"'): Answer {
  return (request, response) => {
    const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const current = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
    if (first > content.length) return void response.writeHead(416).end();
    const offset = current ? first : 0;
    response.writeHead(offset > 0 ? 206 : 200, {
      'content-length': content.length - offset,
      etag,
      ...(offset > 0 ? { 'content-range': `bytes ${offset}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(offset));
  };
}

/** Sends the headers and the first bytes of the content, then cuts the connection. */
export function cutAfter(content: Uint8Array, bytes: number, etag = '"v1"'): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-length': content.length, etag });
    response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
  };
}
