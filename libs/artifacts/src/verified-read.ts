import type { Digest } from '@overture/core';
import { corrupt } from './artifact-errors.ts';
import type { BlobSpace, BlobStore } from './blob-store.ts';
import { sha256Stream } from './sha256-stream.ts';

/**
 * The bytes under a digest, hashed as they pass. The last chunk is held back until the digest is known to be right, so no reader
 * ever reaches the end of content that is not what it asked for.
 * @throws AppError `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`
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
