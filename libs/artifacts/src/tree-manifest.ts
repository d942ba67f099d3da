import { AppError, canonicalJson, isDigest, type Digest } from '@overture/core';
import { corrupt } from './artifact-errors.ts';

/**
 * The content of a tree artifact: for each relative path, with `/` between its parts, the digest and the size
 * of the file in bytes.
 */
export type TreeManifest = ReadonlyMap<string, { readonly digest: Digest; readonly bytes: number }>;

/**
 * Formats a manifest as canonical JSON of path → {digest, bytes}. Equal trees have equal manifests,
 * regardless of the order of the files.
 */
export function formatTreeManifest(manifest: TreeManifest): string {
  return canonicalJson(Object.fromEntries(manifest));
}

/**
 * Parses a manifest and checks its paths.
 * @throws AppError `ARTIFACT_CORRUPT` if the text is not a manifest; `ARTIFACT_PATH` if a path is not
 * allowed.
 */
export function parseTreeManifest(text: string, digest: Digest, where: string): TreeManifest {
  const entries = parseObject(text, digest, where).map(([path, file]) => {
    checkTreePath(path, where);
    if (!isFileEntry(file))
      throw corrupt(digest, where, `a manifest whose entry ${JSON.stringify(path)} is not {bytes, digest}`);
    return [path, { digest: file.digest, bytes: file.bytes }] as const;
  });
  return new Map(entries);
}

/** The size of a tree: the sum of its files' sizes, in bytes. */
export function treeBytes(manifest: TreeManifest): number {
  return [...manifest.values()].reduce((sum, file) => sum + file.bytes, 0);
}

/**
 * Checks a path in a tree: relative, `/` between parts, no part `.`, `..` or empty, no backslash or NUL.
 * @throws AppError `ARTIFACT_PATH` if the path is not allowed.
 */
export function checkTreePath(path: string, where: string): void {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(path);
  if (!bad) return;
  throw new AppError(
    'ARTIFACT_PATH',
    `A path in a tree artifact must be relative, with "/" between its parts and none of them "", "." or "..", without backslash or NUL. ` +
      `Got ${JSON.stringify(path.slice(0, 200))} in ${where} instead. Rename the file, or do not trust this tree.`,
    { details: { path, where } },
  );
}

function parseObject(text: string, digest: Digest, where: string): [string, unknown][] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  } catch {
    // Reported below like any other value that is no manifest.
  }
  throw corrupt(digest, where, 'something that is no tree manifest');
}

function isFileEntry(entry: unknown): entry is { digest: Digest; bytes: number } {
  if (typeof entry !== 'object' || entry === null) return false;
  const { digest, bytes } = entry as { digest?: unknown; bytes?: unknown };
  return (
    typeof digest === 'string' && isDigest(digest) && Number.isSafeInteger(bytes) && (bytes as number) >= 0
  );
}
