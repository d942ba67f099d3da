import { createHash } from 'node:crypto';
import type { Digest } from '@overture/core';

/**
 * Computes the SHA-256 digest and the length of bytes that arrive in chunks. Call `digest` last and once.
 * Uses Node's native hash, unlike `digestOf` of @overture/core.
 */
export function sha256Stream(): { update(chunk: Uint8Array): void; bytes(): number; digest(): Digest } {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    update: (chunk) => {
      hash.update(chunk);
      bytes += chunk.byteLength;
    },
    bytes: () => bytes,
    digest: () => `sha256:${hash.digest('hex')}` as Digest,
  };
}
