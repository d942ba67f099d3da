import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Digest } from '@overture/core';
import { AppError } from '@overture/core';
import { createReadStream } from 'node:fs';
import { missing } from './artifact-errors.ts';
import { artifactStore, type ArtifactStore } from './artifact-store.ts';
import type { BlobSpace, BlobStore } from './blob-store.ts';
import { openFilesystemBlobs } from './filesystem-store.ts';
import { openLocalCopies } from './local-copies.ts';
import { isAbsent, s3Error } from './s3-errors.ts';
import { parseS3Url } from './s3-url.ts';

export interface S3StoreOptions {
  /** `s3://bucket/prefix`; the bucket must exist. */
  readonly url: string;
  /** Of a server that is not Amazon's, such as `http://127.0.0.1:9000`; its buckets are then addressed by path. */
  readonly endpoint?: string;
  readonly region?: string;
  /** Default: the chain of the AWS SDK (environment, profile, role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Copies of what was written or read, on this machine's disk, up to `maxBytes`; the oldest go first. */
  readonly cache: { readonly root: string; readonly maxBytes: number };
}

/** One PUT takes at most this much (docs.aws.amazon.com, "Amazon S3 multipart upload limits"). */
const largestObject = 5 * 2 ** 30;
/** Who wrote it says so on the object: what was put there past this store lacks it, and is written again. */
const digestKey = 'overture-digest';

/**
 * Opens an artifact store in a bucket. Objects are `<prefix>/<space>/sha256/<two digits>/<64 digits>`, as in the filesystem
 * store; S3 shows an object whole or not at all. All workers that share runs share the bucket.
 * @throws AppError `ARTIFACT_URL`, `ARTIFACT_IO`
 */
export async function openS3Store(options: S3StoreOptions): Promise<ArtifactStore> {
  return artifactStore(await openS3Blobs(options));
}

/** The adapter. Content is spooled to the cache first: its name is the digest, which only the whole of it tells. */
export async function openS3Blobs({ url, endpoint, region, credentials, cache }: S3StoreOptions): Promise<BlobStore> {
  const { bucket, prefix } = parseS3Url(url);
  const client = new S3Client({
    ...(region !== undefined && { region }), ...(credentials && { credentials }),
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // Our own SHA-256 guards the content; the SDK's trailing checksums are not known to every server.
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const local = await openFilesystemBlobs({ root: cache.root });
  const copies = openLocalCopies(cache);
  const keyOf = (space: BlobSpace, digest: Digest): string => {
    const hex = digest.slice('sha256:'.length);
    return [...prefix, space, 'sha256', hex.slice(0, 2), hex].join('/');
  };
  const locate = (space: BlobSpace, digest: Digest): string => `s3://${bucket}/${keyOf(space, digest)}`;
  const head = async (space: BlobSpace, digest: Digest) => {
    try {
      return await client.send(new HeadObjectCommand({ Bucket: bucket, Key: keyOf(space, digest) }));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw s3Error(error, 'look at', locate(space, digest));
    }
  };
  async function* download(space: BlobSpace, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: keyOf(space, digest) }));
      if (Body === undefined) throw missing(digest, locate(space, digest));
      // Plain arrays of their own: Node's buffers share memory and serialise differently.
      for await (const chunk of Body as AsyncIterable<Uint8Array>) yield new Uint8Array(chunk);
    } catch (error) {
      throw isAbsent(error) ? missing(digest, locate(space, digest)) : s3Error(error, 'read', locate(space, digest));
    }
  }

  async function upload(space: BlobSpace, { digest, bytes }: { digest: Digest; bytes: number }): Promise<void> {
    const where = locate(space, digest);
    if (bytes > largestObject) throw new AppError('ARTIFACT_TOO_LARGE', `An artifact in a bucket may hold 5 GiB. Got ${bytes} bytes for ${where}: store it as a folder of smaller files.`);
    const there = await head(space, digest);
    if (there?.ContentLength === bytes && there.Metadata?.[digestKey] === digest) return;
    const body = bytes === 0 ? new Uint8Array(0) : createReadStream(local.locate(space, digest));
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: keyOf(space, digest), Body: body, ContentLength: bytes, Metadata: { [digestKey]: digest } }));
    } catch (error) {
      throw s3Error(error, 'write', where);
    }
  }

  return {
    locate,
    async write(space, source) {
      const close = copies.open();
      try {
        const written = await local.write(space, source);
        await upload(space, written);
        return written;
      } finally {
        await close();
      }
    },
    async *read(space, digest) {
      const close = copies.open();
      try {
        const copy = local.locate(space, digest);
        const [there, bytes] = await Promise.all([head(space, digest), local.size(space, digest)]);
        // A copy that nobody else can have any more does not count.
        if (there === undefined) throw missing(digest, locate(space, digest));
        if (bytes !== there.ContentLength || !(await copies.isIntact(copy, digest))) {
          if ((there.ContentLength ?? 0) > copies.maxBytes) return yield* download(space, digest);
          const written = await local.write(space, download(space, digest));
          // Something else lies there: whoever reads is to notice, by its digest.
          if (written.digest !== digest) return yield* local.read(space, written.digest);
        }
        await copies.used(copy);
        yield* local.read(space, digest);
      } finally {
        await close();
      }
    },
    size: async (space, digest) => (await head(space, digest))?.ContentLength,
    async stamp(space, digest) {
      const there = await head(space, digest);
      return there && `${there.ETag} ${there.LastModified?.toISOString()} ${there.ContentLength}`;
    },
  };
}
