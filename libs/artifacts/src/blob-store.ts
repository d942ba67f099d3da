import type { Digest } from '@overture/core';

/**
 * The two namespaces of content. They are separate so that a tree's manifest is never mistaken for a file
 * with the same bytes.
 */
export type BlobSpace = 'files' | 'trees';

/**
 * The interface of a storage adapter; `artifactStore` implements everything else once. Every adapter must
 * pass `blobStoreConformance`.
 */
export interface BlobStore {
  /**
   * Stores the bytes of a stream under their SHA-256 digest, atomically and durably: a failing stream or a
   * full disk leaves nothing behind. Writing existing content is allowed and repairs it if it was altered.
   */
  write(space: BlobSpace, source: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; bytes: number }>;
  /**
   * Reads the stored bytes without verification.
   * @throws AppError `ARTIFACT_MISSING`
   */
  read(space: BlobSpace, digest: Digest): AsyncIterable<Uint8Array>;
  /** The size in bytes, or `undefined` if nothing is stored under this digest. */
  size(space: BlobSpace, digest: Digest): Promise<number | undefined>;
  /**
   * A string that changes whenever the bytes under a digest may have changed. Without it, every verification
   * reads the bytes.
   */
  stamp?(space: BlobSpace, digest: Digest): Promise<string | undefined>;
  /** The location of the bytes for messages: a path or a URL. It need not exist. */
  locate(space: BlobSpace, digest: Digest): string;
}
