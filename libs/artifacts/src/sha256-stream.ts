import { createHash } from 'node:crypto';
import type { Digest } from '@overture/core';

/** SHA-256 and length of bytes that come in pieces. `digest` ends it. Native, unlike `digestOf` of @overture/core. */
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
