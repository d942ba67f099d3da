import { DeleteObjectCommand, PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { digestOf, type Digest } from '@overture/core';
import { mkdtemp, readdir, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BlobSpace } from './blob-store.ts';
import { s3Error } from './s3-errors.ts';
import { openS3Blobs, openS3Store, type S3StoreOptions } from './s3-store.ts';
import { parseS3Url } from './s3-url.ts';
import { blobStoreConformance } from './testing/index.ts';
import { startTestS3, type TestS3 } from './testing/s3-server.ts';

let s3: TestS3;
let scratch: string;
beforeAll(async () => void (s3 = await startTestS3()));
afterAll(() => s3.close());
beforeEach(async () => void (scratch = await mkdtemp(join(tmpdir(), 'overture-s3-cache-'))));
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function options(changes: Partial<S3StoreOptions> = {}): Promise<S3StoreOptions> {
  const { endpoint, region, credentials } = s3;
  return {
    url: `s3://${await s3.newBucket()}/runs/of/us`,
    endpoint,
    region,
    credentials,
    cache: { root: join(scratch, 'cache'), maxBytes: 1e9 },
    ...changes,
  };
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

async function alter(location: string, content: Uint8Array | undefined): Promise<void> {
  const { bucket: Bucket, prefix } = parseS3Url(location);
  const Key = prefix.join('/');
  await s3.client.send(
    content === undefined
      ? new DeleteObjectCommand({ Bucket, Key })
      : new PutObjectCommand({ Bucket, Key, Body: content }),
  );
}

// Reads as on another machine: without local copies.
blobStoreConformance('S3', async () => {
  const root = await mkdtemp(join(tmpdir(), 'overture-s3-conformance-'));
  const blobs = await openS3Blobs(await options({ cache: { root, maxBytes: 1e9 } }));
  return {
    blobs,
    async alter(space: BlobSpace, digest: Digest, content) {
      for (const folder of ['files', 'trees']) await rm(join(root, folder), { recursive: true, force: true });
      await alter(blobs.locate(space, digest), content);
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
});

describe('an S3 store with copies on the machine', () => {
  const copiesIn = async (root: string): Promise<string[]> =>
    (await readdir(join(root, 'files'), { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);

  it('shares content between machines, and fetches it once', async () => {
    const [here, there] = [
      await options(),
      await options({ cache: { root: join(scratch, 'other'), maxBytes: 1e9 } }),
    ];
    const ref = await (await openS3Store(here)).put('corpus', text('hello'));
    const other = await openS3Store({ ...there, url: here.url });
    expect(await copiesIn(there.cache.root)).toEqual([]);
    expect(await other.readBytes(ref)).toEqual(text('hello'));
    expect(await copiesIn(there.cache.root)).toEqual([ref.digest.slice(7)]);
    expect(await other.readBytes(ref)).toEqual(text('hello'));
  });

  it('does not take a copy for an artifact that is gone, nor an altered copy for its content', async () => {
    const given = await options();
    const store = await openS3Store(given);
    const ref = await store.put('corpus', text('hello'));
    const copy = join(given.cache.root, 'files', 'sha256', ref.digest.slice(7, 9), ref.digest.slice(7));
    await chmod(copy, 0o644);
    await writeFile(copy, 'hellO');
    expect(await store.readBytes(ref)).toEqual(text('hello'));
    await alter(`${given.url}/files/sha256/${ref.digest.slice(7, 9)}/${ref.digest.slice(7)}`, undefined);
    await expect(store.readBytes(ref)).rejects.toMatchObject({
      code: 'ARTIFACT_MISSING',
      message: expect.stringContaining(given.url),
    });
    expect(await store.has(ref)).toBe(false);
  });

  it('lets the longest unused copies go, and reads what does not fit without one', async () => {
    const given = await options({ cache: { root: join(scratch, 'small'), maxBytes: 10 } });
    const store = await openS3Store(given);
    const [first, second] = [await store.put('a', text('first')), await store.put('b', text('other'))];
    await store.readBytes(first);
    await store.put('c', text('third'));
    expect((await copiesIn(given.cache.root)).sort()).toEqual(
      [first.digest.slice(7), digestOf('third').slice(7)].sort(),
    );
    expect(await store.readBytes(second)).toEqual(text('other'));
    const large = await store.put('d', text('eleven byte'));
    expect(await store.readBytes(large)).toEqual(text('eleven byte'));
    expect(await copiesIn(given.cache.root)).not.toContain(large.digest.slice(7));
  });

  it.each([
    [
      'a bucket that is not there',
      async () => ({ url: 's3://nobody-made-this' }),
      'ARTIFACT_BUCKET',
      'the bucket must exist. Make it, or name another (OVERTURE_ARTIFACTS).',
    ],
    [
      'a server that does not answer',
      async () => ({ endpoint: 'http://127.0.0.1:9' }),
      'ARTIFACT_IO',
      'the server cannot be reached (connect ECONNREFUSED 127.0.0.1:9). Check AWS_ENDPOINT_URL_S3 and AWS_REGION; this is tried again.',
    ],
  ])('says what to do about %s', async (_, changes, code, words) => {
    const store = await openS3Store(await options(await changes()));
    await expect(store.put('corpus', text('hello'))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });
});

describe('s3Error', () => {
  it('says what a worker without the right to a bucket needs', () => {
    const refused = new S3ServiceException({
      name: 'SignatureDoesNotMatch',
      message: 'The signature does not match',
      $fault: 'client',
      $metadata: { httpStatusCode: 403 },
    });
    expect(s3Error(refused, 'write', 's3://b/k')).toMatchObject({
      code: 'ARTIFACT_ACCESS',
      retryable: false,
      message:
        'Could not write s3://b/k: The signature does not match. Give this worker credentials for the bucket (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role) with the rights to get and put objects.',
    });
  });
});
