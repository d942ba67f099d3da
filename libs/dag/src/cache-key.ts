import { digestOfJson, type Digest, type JsonValue } from '@overture/core';

/** All that a stage's output may depend on. Kept as parts, so that a reader can be told which of them changed. */
export interface CacheKeyParts {
  readonly stage: string;
  readonly version: number;
  /** The parsed input: defaults filled in, artifacts by digest. */
  readonly input: unknown;
  /** What the implementation adds: the digest of an outside file, say. */
  readonly fingerprint?: JsonValue;
}

/** The identity of a stage's work: equal keys mean that an earlier output may be used again. */
export function cacheKey({ stage, version, input, fingerprint }: CacheKeyParts): Digest {
  return digestOfJson({ stage, version, input, fingerprint: fingerprint ?? null });
}
