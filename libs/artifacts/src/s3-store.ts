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

/** Options of the S3 store. */
export interface S3StoreOptions {
  /** `s3://bucket/prefix`; the bucket must exist. */
  readonly url: string;
  /**
   * The endpoint of a server other than Amazon's, such as `http://127.0.0.1:9000`. Its buckets are addressed
   * by path.
   */
  readonly endpoint?: string;
  readonly region?: string;
  /** Default: the credential chain of the AWS SDK (environment, profile, role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * Local cache of content that was written or read, up to `maxBytes`; the least recently used copies are
   * removed first.
   */
  readonly cache: { readonly root: string; readonly maxBytes: number };
}

/** Maximum size of one PUT, in bytes (docs.aws.amazon.com, "Amazon S3 multipart upload limits"). */
const largestObject = 5 * 2 ** 30;
/** Metadata key for the digest. Objects that were not written by this store lack it and are written again. */
const digestKey = 'overture-digest';

/**
 * Opens an artifact store in a bucket. Objects are named `<prefix>/<space>/sha256/<two digits>/<64 digits>`,
 * as in the filesystem store. S3 writes are atomic. All workers that share runs must share the bucket.
 * @throws AppError `ARTIFACT_URL` if the URL is invalid; `ARTIFACT_IO` if the cache cannot be opened.
 */
export async function openS3Store(options: S3StoreOptions): Promise<ArtifactStore> {
  return artifactStore(await openS3Blobs(options));
}

/**
 * Opens the S3 adapter. Content is first written to the cache, because its name is its digest, which is only
 * known at the end.
 * @throws AppError `ARTIFACT_URL` if the URL is invalid; `ARTIFACT_IO` if the cache cannot be opened.
 */
export async function openS3Blobs({
  url,
  endpoint,
  region,
  credentials,
  cache,
}: S3StoreOptions): Promise<BlobStore> {
  const { bucket, prefix } = parseS3Url(url);
  const client = new S3Client({
    ...(region !== undefined && { region }),
    ...(credentials && { credentials }),
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    // Content is verified by SHA-256 here. Not every server supports the SDK's trailing checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
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
      // New plain arrays: Node's buffers share memory and are serialized differently.
      for await (const chunk of Body as AsyncIterable<Uint8Array>) yield new Uint8Array(chunk);
    } catch (error) {
      throw isAbsent(error)
        ? missing(digest, locate(space, digest))
        : s3Error(error, 'read', locate(space, digest));
    }
  }

  async function upload(
    space: BlobSpace,
    { digest, bytes }: { digest: Digest; bytes: number },
  ): Promise<void> {
    const where = locate(space, digest);
    if (bytes > largestObject)
      throw new AppError(
        'ARTIFACT_TOO_LARGE',
        `An artifact in a bucket may hold 5 GiB. Got ${bytes} bytes for ${where}: store it as a folder of smaller files.`,
      );
    const there = await head(space, digest);
    if (there?.ContentLength === bytes && there.Metadata?.[digestKey] === digest) return;
    const body = bytes === 0 ? new Uint8Array(0) : createReadStream(local.locate(space, digest));
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: keyOf(space, digest),
          Body: body,
          ContentLength: bytes,
          Metadata: { [digestKey]: digest },
        }),
      );
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
        // A local copy does not count once the object is gone from the bucket.
        if (there === undefined) throw missing(digest, locate(space, digest));
        if (bytes !== there.ContentLength || !(await copies.isIntact(copy, digest))) {
          if ((there.ContentLength ?? 0) > copies.maxBytes) return yield* download(space, digest);
          const written = await local.write(space, download(space, digest));
          // The object has other bytes. Return them, so that the reader detects the wrong digest.
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
