import type { Digest } from '@overture/core';

/** Content is kept in two name spaces, so that the manifest of a tree is never mistaken for a file that happens to have its bytes. */
export type BlobSpace = 'files' | 'trees';

/** What an adapter has to do; everything else is written once, in `artifactStore`. Every adapter passes `blobStoreConformance`. */
export interface BlobStore {
  /**
   * Stores the bytes of a stream under their SHA-256. They become visible whole, durably and at once, or not at all: a failing
   * stream or a full disk leaves nothing behind. Writing what is there already is fine, and heals it if it was altered.
   */
  write(space: BlobSpace, source: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; bytes: number }>;
  /** The bytes as they lie there, not verified. @throws AppError `ARTIFACT_MISSING` */
  read(space: BlobSpace, digest: Digest): AsyncIterable<Uint8Array>;
  /** Size in bytes, or `undefined` when there is nothing under this digest. */
  size(space: BlobSpace, digest: Digest): Promise<number | undefined>;
  /** Text that changes whenever the bytes under a digest may have; without it, every verification reads them. */
  stamp?(space: BlobSpace, digest: Digest): Promise<string | undefined>;
  /** Where the bytes are or would be, for messages to people: a path, a URL. */
  locate(space: BlobSpace, digest: Digest): string;
}
