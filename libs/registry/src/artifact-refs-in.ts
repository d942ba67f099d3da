import type { ArtifactRef } from '@overture/protocol';
import { isDigest } from '@overture/core';

/**
 * Finds the artifact references in plain data, each with its path: `corpus`, `reports[3]`, `base.weights`.
 * `$` is the value itself.
 */
export function artifactRefsIn(value: unknown): { name: string; ref: ArtifactRef }[] {
  const found: { name: string; ref: ArtifactRef }[] = [];
  const walk = (part: unknown, name: string): void => {
    if (typeof part !== 'object' || part === null) return;
    if (isArtifactRef(part)) found.push({ name: name || '$', ref: part });
    else if (Array.isArray(part)) part.forEach((item, i) => walk(item, `${name}[${i}]`));
    else for (const [key, member] of Object.entries(part)) walk(member, name === '' ? key : `${name}.${key}`);
  };
  walk(value, '');
  return found;
}

function isArtifactRef(value: object): value is ArtifactRef {
  const { kind, digest, bytes } = value as Partial<Record<string, unknown>>;
  return (
    typeof kind === 'string' &&
    typeof digest === 'string' &&
    isDigest(digest) &&
    Number.isSafeInteger(bytes) &&
    Object.keys(value).length === 3
  );
}
