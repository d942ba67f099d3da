import type { ArtifactRef } from '@overture/protocol';
import { isDigest } from '@overture/core';

/**
 * Finds all artifact references in a value, without duplicates of digest and kind, in order of appearance.
 */
export function artifactsIn(value: unknown): ArtifactRef[] {
  const found = new Map<string, ArtifactRef>();
  collect(value, found);
  return [...found.values()];
}

function collect(value: unknown, found: Map<string, ArtifactRef>): void {
  if (typeof value !== 'object' || value === null) return;
  if (isArtifactRef(value))
    found.set(`${value.kind} ${value.digest}`, {
      kind: value.kind,
      digest: value.digest,
      bytes: value.bytes,
    });
  else for (const member of Object.values(value)) collect(member, found);
}

function isArtifactRef(value: object): value is ArtifactRef {
  const { kind, digest, bytes } = value as Partial<Record<keyof ArtifactRef, unknown>>;
  return (
    typeof kind === 'string' && typeof digest === 'string' && isDigest(digest) && typeof bytes === 'number'
  );
}
