import { hash } from 'node:crypto';
import type { Digest } from '@overture/core';

/**
 * SHA-256 in native code. For a graph of a hundred megabytes, it is several times as fast as core's portable
 * `digestOf`.
 */
export function digestBytes(bytes: Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}` as Digest;
}
