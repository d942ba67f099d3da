import { hash } from 'node:crypto';
import type { Digest } from '@overture/core';

/** SHA-256 in native code: for the hundred megabytes of a graph, several times as fast as core's portable `digestOf`. */
export function digestBytes(bytes: Uint8Array): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}` as Digest;
}
