import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download } from './download.ts';
import { plainFetch, proxyFetch } from './proxy-fetch.ts';
import { fileServer, serve } from './testing/file-server.ts';

const content = new TextEncoder().encode('through the proxy');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-proxy-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A proxy that sends every request to one server and records the requested hosts. */
async function proxyTo(
  port: number,
): Promise<{ url: string; asked: string[]; [Symbol.asyncDispose](): Promise<void> }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on('connect', (request, socket: Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url}`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    sockets.add(socket).add(upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

describe('proxyFetch', () => {
  it('goes through the proxy of the environment, except to the hosts of NO_PROXY and to loopback', async () => {
    await using server = await fileServer(serve(content));
    const port = Number(new URL(server.url).port);
    await using proxy = await proxyTo(port);
    const fetch = proxyFetch({ HTTP_PROXY: proxy.url, NO_PROXY: 'internal.example' });
    const to = join(folder, 'file');
    await download({ url: 'http://files.example/file.bin', to, fetch });
    expect(await readFile(to, 'utf8')).toBe('through the proxy');
    expect(proxy.asked).toEqual(['CONNECT files.example:80']);
    await download({ url: server.url, to: `${to}2`, fetch });
    await expect(
      download({ url: 'http://internal.example/file.bin', to: `${to}3`, fetch, attempts: 1 }),
    ).rejects.toThrow('could not be fetched');
    expect(proxy.asked).toHaveLength(1);
  });

  it('lets the lower-case spelling win, and is the plain fetch without a proxy', async () => {
    await using server = await fileServer(serve(content));
    await using proxy = await proxyTo(Number(new URL(server.url).port));
    const fetch = proxyFetch({ HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: proxy.url });
    await download({ url: 'http://files.example/file.bin', to: join(folder, 'lower'), fetch });
    expect(proxy.asked).toHaveLength(1);
    expect(proxyFetch({ PATH: '/bin' })).toBe(plainFetch);
  });

  it('reports a proxy that is down', async () => {
    const fetch = proxyFetch({ HTTPS_PROXY: 'http://127.0.0.1:9' });
    const failed = download({ url: 'https://files.example/file.bin', to: join(folder, 'down'), fetch });
    await expect(failed).rejects.toThrow(
      'could not be fetched: the host refused the connection (ECONNREFUSED)',
    );
  });
});
