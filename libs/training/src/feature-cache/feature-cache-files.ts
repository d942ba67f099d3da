import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@overture/core';
import { encodeSafetensors, float32, parseSafetensors } from '@overture/tensors';
import type { FeatureCache } from './feature-cache.ts';

const ending = '.rows';
const digestBytes = 32;
const defaultBytes = 4 * 2 ** 30;

/**
 * Stores rows in files that several processes can share. Each origin has a folder, and each write adds a
 * file: the SHA-256 digest of a safetensors file, followed by that file. Up to `mostBytes`, the most recently
 * used origins are kept. A write that fails is ignored; the rows are then computed again.
 * @param options.mostBytes Default 4 GiB
 */
export function featureCacheFiles(
  folder: string,
  { mostBytes = defaultBytes }: { readonly mostBytes?: number } = {},
): FeatureCache {
  const folderOf = (origin: Digest): string => join(folder, origin.slice('sha256:'.length));
  return {
    async read(origin, names) {
      const found = new Map<string, Float32Array>();
      const wanted = new Set(names);
      for (const file of await rowFiles(folderOf(origin))) {
        if (found.size === wanted.size) break;
        for (const [name, row] of await rowsIn(file)) if (wanted.has(name)) found.set(name, row);
      }
      if (found.size > 0) await touch(folderOf(origin));
      return found;
    },
    async write(origin, rows) {
      const bytes = encodeSafetensors(
        new Map([...rows].map(([name, row]) => [name, float32([row.length], row)])),
      );
      const digest = sha256(bytes);
      const file = join(folderOf(origin), `${digest.toString('hex').slice(0, 16)}-${process.pid}`);
      try {
        await mkdir(folderOf(origin), { recursive: true });
        await writeFile(file, digest);
        await writeFile(file, bytes, { flag: 'a' });
        await rename(file, `${file}${ending}`);
        await touch(folderOf(origin));
        await prune(folder, mostBytes);
      } catch {
        await rm(file, { force: true }).catch(() => undefined);
      }
    },
  };
}

async function rowFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

/** Empty if the file is missing or damaged. */
async function rowsIn(path: string): Promise<[string, Float32Array][]> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  const bytes = content.subarray(digestBytes);
  if (!sha256(bytes).equals(content.subarray(0, digestBytes))) return [];
  return Array.from(parseSafetensors(bytes, path).tensors, ([name, { data }]) => [
    name,
    data as Float32Array,
  ]);
}

async function touch(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
}

/** Deletes the least recently used origins, including partial files that killed processes left there. */
async function prune(folder: string, mostBytes: number): Promise<void> {
  const origins = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const path = join(folder, name);
      const sizes = await Promise.all(
        (await readdir(path)).map(async (file) => (await stat(join(path, file))).size),
      );
      return { path, usedAt: (await stat(path)).mtimeMs, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    }),
  );
  let room = mostBytes;
  for (const { path, bytes } of origins.sort((a, b) => b.usedAt - a.usedAt)) {
    room -= bytes;
    if (room < 0) await rm(path, { recursive: true, force: true });
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
