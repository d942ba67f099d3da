import type { Digest } from '@overture/core';
import { corrupt } from './artifact-errors.ts';
import type { BlobSpace, BlobStore } from './blob-store.ts';
import { sha256Stream } from './sha256-stream.ts';

/**
 * Reads the bytes of a digest and hashes them on the way. The last chunk is withheld until the digest is
 * verified, so no reader reaches the end of wrong content.
 * @throws AppError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT`
 */
export async function* verifiedRead(
  blobs: BlobStore,
  space: BlobSpace,
  expected: { digest: Digest; bytes?: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = sha256Stream();
  const where = blobs.locate(space, expected.digest);
  let last: Uint8Array | undefined;
  for await (const chunk of blobs.read(space, expected.digest)) {
    if (last !== undefined) yield last;
    hash.update(chunk);
    last = chunk;
  }
  if (expected.bytes !== undefined && hash.bytes() !== expected.bytes) {
    throw corrupt(expected.digest, where, `${hash.bytes()} bytes where ${expected.bytes} were promised`);
  }
  const digest = hash.digest();
  if (digest !== expected.digest) throw corrupt(expected.digest, where, `content with digest ${digest}`);
  if (last !== undefined) yield last;
}
