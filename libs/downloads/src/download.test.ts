import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download } from './download.ts';
import { cutAfter, fileServer, serve } from './testing/file-server.ts';

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const sha256 = createHash('sha256').update(content).digest('hex');
const quick = { backoffMs: 5, attempts: 3, stallTimeoutMs: 300 };

let folder: string;
let to: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-download-'));
  to = join(folder, 'deep', 'file.bin');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('download', () => {
  it('fetches, verifies and installs a file, and says how far it is', async () => {
    await using server = await fileServer(serve(content));
    const seen: number[] = [];
    const file = await download({
      url: server.url,
      to,
      sha256,
      mode: 0o755,
      onProgress: ({ received }) => seen.push(received),
    });
    expect(file).toEqual({ path: to, bytes: content.length, sha256, reused: false });
    expect(
      createHash('sha256')
        .update(await readFile(to))
        .digest('hex'),
    ).toBe(sha256);
    expect((await stat(to)).mode & 0o777).toBe(0o755);
    expect(seen.at(0)).toBe(0);
    expect(seen.at(-1)).toBe(content.length);
    expect(await readdir(join(folder, 'deep'))).toEqual(['file.bin']);
  });

  it('asks for nothing when the verified file is there, and replaces one that differs', async () => {
    await using server = await fileServer(serve(content));
    await download({ url: server.url, to, sha256 });
    expect(await download({ url: server.url, to, sha256 })).toMatchObject({
      reused: true,
      bytes: content.length,
    });
    expect(server.requests).toHaveLength(1);
    await writeFile(to, 'something else');
    expect(await download({ url: server.url, to, sha256 })).toMatchObject({ reused: false });
    expect(server.requests).toHaveLength(2);
  });

  it('goes on where the connection was cut, by range and only if the file is unchanged', async () => {
    await using server = await fileServer((request, response, seen) =>
      (seen.length === 1 ? cutAfter(content, 100_000) : serve(content))(request, response, seen),
    );
    expect(await download({ ...quick, url: server.url, to })).toMatchObject({ sha256 });
    expect(server.requests[1]?.headers).toMatchObject({ range: 'bytes=100000-', 'if-range': '"v1"' });
  });

  it('starts over when the file on the server changed in between', async () => {
    await using server = await fileServer((request, response, seen) =>
      (seen.length === 1 ? cutAfter(new Uint8Array(content.length), 100_000, '"old"') : serve(content))(
        request,
        response,
        seen,
      ),
    );
    expect(await download({ ...quick, url: server.url, to })).toMatchObject({
      sha256,
      bytes: content.length,
    });
  });

  it('continues the partial file that an earlier process left', async () => {
    await using dying = await fileServer(cutAfter(content, 120_000));
    await failure(download({ ...quick, attempts: 1, url: dying.url, to, sha256 }));
    expect((await stat(`${to}.part`)).size).toBe(120_000);
    await using server = await fileServer(serve(content));
    await download({ url: server.url, to, sha256 });
    expect(server.requests[0]?.headers.range).toBe('bytes=120000-');
    expect(existsSync(`${to}.part`)).toBe(false);
  });

  it('leaves no partial file that nobody could continue', async () => {
    await using dying = await fileServer(cutAfter(content, 120_000));
    await failure(download({ ...quick, attempts: 1, url: dying.url, to }));
    await failure(download({ ...quick, attempts: 1, url: dying.url, to, sha256, resume: false }));
    expect(await readdir(join(folder, 'deep'))).toEqual([]);
  });

  it('throws a damaged or overlong partial file away and fetches the whole', async () => {
    await using server = await fileServer(serve(content));
    for (const damaged of [
      new Uint8Array(5000),
      new Uint8Array(content.length),
      new Uint8Array(content.length + 10),
    ]) {
      await download({ url: server.url, to, sha256 }).then(() => rm(to));
      await writeFile(`${to}.part`, damaged);
      expect(await download({ ...quick, url: server.url, to, sha256 })).toMatchObject({
        bytes: content.length,
        sha256,
      });
      await rm(to);
    }
  });

  it('refuses bytes with the wrong hash and leaves nothing behind', async () => {
    await using server = await fileServer(serve(content));
    const wrong = '0'.repeat(64);
    const error = await failure(download({ ...quick, url: server.url, to, sha256: wrong }));
    expect(error).toMatchObject({ code: 'DOWNLOAD_CORRUPT', retryable: false });
    expect(error.message).toContain(
      `should have SHA-256 ${wrong}. Got SHA-256 ${sha256} (300000 bytes) instead`,
    );
    expect(await readdir(join(folder, 'deep'))).toEqual([]);
  });

  it('refuses a file of the wrong size', async () => {
    await using server = await fileServer(serve(content));
    const error = await failure(download({ ...quick, url: server.url, to, bytes: 7 }));
    expect(error).toMatchObject({ code: 'DOWNLOAD_CORRUPT' });
    expect(error.message).toContain('should have 7 bytes. Got 300000 bytes instead');
  });

  it('does not repeat a request that the server refuses', async () => {
    await using server = await fileServer((_request, response) => void response.writeHead(404).end('no'));
    const error = await failure(download({ ...quick, url: server.url, to, sha256 }));
    expect(error).toMatchObject({ code: 'DOWNLOAD_REFUSED', retryable: false, details: { status: 404 } });
    expect(error.message).toMatch(
      /the server answered 404 Not Found\. Check the address, or put the file at .*file\.bin by hand/,
    );
    expect(server.requests).toHaveLength(1);
  });

  it('waits out a server that is busy for a moment, and reports one that stays so', async () => {
    await using server = await fileServer((request, response, seen) =>
      seen.length === 1 ? void response.writeHead(503).end() : serve(content)(request, response, seen),
    );
    expect(await download({ ...quick, url: server.url, to, sha256 })).toMatchObject({ sha256 });
    await using busy = await fileServer((_request, response) => void response.writeHead(503).end());
    const error = await failure(download({ ...quick, url: busy.url, to: `${to}2`, sha256 }));
    expect(error).toMatchObject({ code: 'DOWNLOAD_UNREACHABLE', retryable: true });
    expect(error.message).toContain('the server answered 503 Service Unavailable, 3 times');
    expect(busy.requests).toHaveLength(3);
  });

  it('gives a silent server up and goes on elsewhere in the file', async () => {
    await using server = await fileServer((request, response, seen) => {
      if (seen.length > 1) return serve(content)(request, response, seen);
      response.writeHead(200, { 'content-length': content.length, etag: '"v1"' });
      response.write(content.subarray(0, 50_000));
    });
    expect(await download({ ...quick, url: server.url, to, sha256 })).toMatchObject({ sha256 });
    expect(server.requests[1]?.headers.range).toBe('bytes=50000-');
  });

  it('does not try again where nothing answers at all, and says what to do offline', async () => {
    await using mute = await fileServer(() => {});
    const silent = await failure(download({ ...quick, url: mute.url, to, sha256 }));
    expect(silent.message).toContain('no data came for 0.3 s. Check the network');
    expect(mute.requests).toHaveLength(1);
    const refused = await failure(
      download({ ...quick, url: 'http://127.0.0.1:9/x?token=secret', to, sha256 }),
    );
    expect(refused).toMatchObject({ code: 'DOWNLOAD_UNREACHABLE', details: { attempts: 1 } });
    expect(refused.message).toContain(
      `set HTTPS_PROXY; offline, put the file at ${to} by hand (SHA-256 ${sha256})`,
    );
    expect(refused.message).not.toContain('secret');
  });

  it('keeps to the limit for the whole', async () => {
    await using server = await fileServer((_request, response) => {
      response.writeHead(200, { 'content-length': 1e6 });
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failure(download({ ...quick, url: server.url, to, sha256, timeoutMs: 150 }));
    expect(error.message).toContain('the limit of 0.15 s passed');
  });

  it('stops when told to, with the reason given', async () => {
    await using server = await fileServer(
      (_request, response) => void response.writeHead(200, { 'content-length': 10 }).write('x'),
    );
    const controller = new AbortController();
    const stopped = download({
      url: server.url,
      to,
      sha256,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('changed my mind')),
    });
    await expect(stopped).rejects.toThrow('changed my mind');
  });

  it('keeps two downloads of one file apart', async () => {
    await using server = await fileServer(
      (request, response, seen) => void setTimeout(() => serve(content)(request, response, seen), 50),
    );
    const both = await Promise.all([1, 2].map(() => download({ url: server.url, to, sha256 })));
    expect(both.map((file) => file.sha256)).toEqual([sha256, sha256]);
    expect(await readdir(join(folder, 'deep'))).toEqual(['file.bin']);
  });

  it('takes over from a process that died', async () => {
    await using server = await fileServer(serve(content));
    await download({ url: server.url, to, sha256 }).then(() => rm(to));
    await writeFile(`${to}.part`, content.subarray(0, 1000));
    await writeFile(`${to}.part.owner`, '2147483646');
    await download({ url: server.url, to, sha256 });
    expect(server.requests[1]?.headers.range).toBe('bytes=1000-');
    expect(await readdir(join(folder, 'deep'))).toEqual(['file.bin']);
  });
});
