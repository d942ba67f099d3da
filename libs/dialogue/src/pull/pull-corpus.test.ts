import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCorpus } from '../open-corpus.ts';
import { collected, failureOf, writtenCorpus } from '../testing/written-corpus.ts';
import { corpusCatalogue, type CatalogueCorpus } from './corpus-catalogue.ts';
import { pullCorpus, pullFiles, type PullOptions } from './pull-corpus.ts';

const train = 'OQ\thow\tUser\nPA\tso\tAgent\n\nOQ\twhy\tUser\nIR\twhich\tAgent\n\n'.repeat(200);
const test = 'OQ\twhat\tUser\nCQ\twhich\tAgent\n';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const corpus: CatalogueCorpus = {
  title: 'a corpus',
  format: 'msdialog-tsv',
  baseUrl: 'http://127.0.0.1:1/',
  files: [
    { name: 'test.tsv', holds: { conversations: 1, examples: 1, initiative: 1 } },
    {
      name: 'train.tsv',
      sha256: sha256(train),
      bytes: train.length,
      holds: { conversations: 400, examples: 400, initiative: 200 },
    },
  ],
};
const patience = { attempts: 2, backoffMs: 5, stallTimeoutMs: 2_000 };

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A file server on loopback; `answer` may handle a request instead. */
async function serving(files: Record<string, string>, answer?: Answer) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    if (answer) answer(request, response);
    else plain(files)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const plain =
  (files: Record<string, string>): Answer =>
  (request, response) => {
    const content = files[basename(request.url ?? '')];
    if (content === undefined) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': content.length - from,
      etag: '"1"',
      ...(from > 0 && range),
    });
    response.end(content.slice(from));
  };

describe('pullFiles', () => {
  const pull = (dir: string, options: Partial<PullOptions> = {}) =>
    pullFiles('mine', corpus, { dir, patience, ...options });

  it('fetches every file, verified by hash or by content, training last, into a folder that opens', async () => {
    await using server = await serving({ 'train.tsv': train, 'test.tsv': test });
    await using disk = await writtenCorpus({});
    const seen: string[] = [];
    const pulled = await pull(disk.path('deep/mine'), {
      baseUrl: server.baseUrl,
      onProgress: ({ what, received }) => seen.push(`${basename(what)} ${received}`),
    });
    expect(
      pulled.files.map(({ name, bytes, reused, verifiedBy }) => [name, bytes, reused, verifiedBy]),
    ).toEqual([
      ['test.tsv', test.length, false, 'counts'],
      ['train.tsv', train.length, false, 'sha256'],
    ]);
    expect(server.requests).toEqual(['/data/test.tsv', '/data/train.tsv']);
    expect(seen.at(-1)).toBe(`train.tsv ${train.length}`);
    expect((await readdir(disk.path('deep/mine'))).sort()).toEqual(['pulled.json', 'test.tsv', 'train.tsv']);
    expect(await collected((await openCorpus(disk.path('deep/mine'))).conversations())).toHaveLength(401);
  });

  it('asks for nothing the second time, and notices a file that changed since', async () => {
    await using server = await serving({ 'train.tsv': train, 'test.tsv': test });
    await using disk = await writtenCorpus({});
    await pull(disk.dir, { baseUrl: server.baseUrl });
    const again = await pull(disk.dir, { baseUrl: server.baseUrl });
    expect(again.files.map(({ reused, verifiedBy }) => [reused, verifiedBy])).toEqual([
      [true, 'earlier-pull'],
      [true, 'sha256'],
    ]);
    expect(server.requests).toHaveLength(2);
    await writeFile(disk.path('test.tsv'), 'tampered');
    await pull(disk.dir, { baseUrl: server.baseUrl });
    expect(await readFile(disk.path('test.tsv'), 'utf8')).toBe(test);
  });

  it('goes on where an earlier pull broke off', async () => {
    await using server = await serving({ 'train.tsv': train, 'test.tsv': test });
    await using disk = await writtenCorpus({ 'train.tsv.part': train.slice(0, 1_000) });
    await pull(disk.dir, { baseUrl: server.baseUrl });
    expect(server.requests).toEqual(['/data/test.tsv', '/data/train.tsv bytes=1000-']);
    expect(await readFile(disk.path('train.tsv'), 'utf8')).toBe(train);
  });

  it('refuses another content, by hash and by counts, and leaves no trace of it', async () => {
    await using wrongTrain = await serving({ 'train.tsv': train.replace('why', 'who'), 'test.tsv': test });
    await using wrongTest = await serving({ 'train.tsv': train, 'test.tsv': test.replace('CQ', 'PA') });
    await using page = await serving({ 'test.tsv': '<html>log in</html>' });
    await using disk = await writtenCorpus({});
    const corrupt = await failureOf(() => pull(disk.path('a'), { baseUrl: wrongTrain.baseUrl }));
    expect(corrupt).toMatchObject({ code: 'DOWNLOAD_CORRUPT' });
    expect(await readdir(disk.path('a'))).toEqual(['test.tsv']);
    const counts = await failureOf(() => pull(disk.path('b'), { baseUrl: wrongTest.baseUrl }));
    expect(counts).toMatchObject({ code: 'CORPUS_PULL_MISMATCH', retryable: false });
    expect(counts.message).toContain(
      'should hold 1 conversations with 1 examples, 1 of them with initiative. Got 1 conversations with 1 examples, 0 of them with initiative.',
    );
    const html = await failureOf(() => pull(disk.path('c'), { baseUrl: page.baseUrl }));
    expect(html).toMatchObject({
      code: 'CORPUS_PULL_MISMATCH',
      message: expect.stringContaining('a file that cannot be read') as string,
    });
    expect([...(await readdir(disk.path('b'))), ...(await readdir(disk.path('c')))]).toEqual([]);
  });

  it('says what to do when nothing can be reached, and when the file is gone', async () => {
    await using disk = await writtenCorpus({});
    const offline = await failureOf(() => pull(disk.dir));
    expect(offline).toMatchObject({ code: 'CORPUS_PULL_UNREACHABLE', retryable: true });
    expect(offline.message).toMatch(
      /The corpus mine could not be fetched from http:\/\/127\.0\.0\.1:1\/ \(.+\)\. Behind a proxy, set HTTPS_PROXY; offline, fetch test\.tsv, train\.tsv elsewhere and put them into .+, or train on another corpus\./,
    );
    await using server = await serving({});
    expect(await failureOf(() => pull(disk.dir, { baseUrl: server.baseUrl }))).toMatchObject({
      code: 'DOWNLOAD_REFUSED',
    });
  });

  it('stops when asked to', async () => {
    await using server = await serving({}, () => undefined);
    await using disk = await writtenCorpus({});
    await expect(
      pull(disk.dir, { baseUrl: server.baseUrl, signal: AbortSignal.timeout(50) }),
    ).rejects.toThrow(/timeout/);
  });
});

describe('the catalogue', () => {
  it('pins a commit, and every file but those that nobody could hash', () => {
    expect(corpusCatalogue.msdialog.baseUrl).toMatch(/^https:\/\/.+\/[0-9a-f]{40}\//);
    expect(
      corpusCatalogue.msdialog.files.filter((file) => !('sha256' in file)).map(({ name }) => name),
    ).toEqual(['test.tsv']);
    expect(corpusCatalogue.msdialog.files.at(-1)?.name).toBe('train.tsv');
  });

  it('refuses a name that it does not have', async () => {
    const error = await failureOf(() => pullCorpus('wise', { dir: '/nowhere' }));
    expect(error.message).toBe(
      'A corpus that can be pulled must be one of: msdialog. Got "wise" instead; to use a corpus of your own, give its path to train.',
    );
  });
});
