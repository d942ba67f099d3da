import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@overture/core';

/** Where what heads get of a training split is kept for the next training; nothing depends on its being there. */
export interface HeadInputStore {
  /** undefined where nothing whole is kept under the key. */
  read(key: Digest): Promise<Float32Array | undefined>;
  write(key: Digest, values: Float32Array): Promise<void>;
}

const ending = '.f32';
const draftEnding = '.draft';
const digestBytes = 32;

/**
 * Keeps them as files of a folder that several processes may share: SHA-256 of the values, then the values, little-endian float32. The ones used
 * last are kept. What cannot be written is not kept, and is computed again.
 */
export function headInputFiles(folder: string, { most = 32 }: { readonly most?: number } = {}): HeadInputStore {
  const pathOf = (key: Digest): string => join(folder, `${key.slice('sha256:'.length)}${ending}`);
  return {
    async read(key) {
      const content = await readFile(pathOf(key)).catch(() => undefined);
      if (content === undefined || content.length < digestBytes || content.length % 4 !== 0) return undefined;
      const values = content.subarray(digestBytes);
      if (!sha256(values).equals(content.subarray(0, digestBytes))) return undefined;
      const now = new Date();
      await utimes(pathOf(key), now, now).catch(() => undefined);
      return new Float32Array(Uint8Array.from(values).buffer);
    },
    async write(key, values) {
      const draft = join(folder, `${process.pid}-${key.slice('sha256:'.length)}${draftEnding}`);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      try {
        await mkdir(folder, { recursive: true });
        await writeFile(draft, Buffer.concat([sha256(bytes), bytes]));
        await rename(draft, pathOf(key));
        await prune(folder, most);
      } catch {
        await rm(draft, { force: true }).catch(() => undefined);
      }
    },
  };
}

/** Deletes what was used longest ago, drafts of processes that were killed among it. */
async function prune(folder: string, most: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending) || name.endsWith(draftEnding));
  if (names.length <= most) return;
  const files = await Promise.all(names.map(async (name) => ({ path: join(folder, name), usedAt: (await stat(join(folder, name))).mtimeMs })));
  for (const { path } of files.sort((a, b) => b.usedAt - a.usedAt).slice(most)) await rm(path, { force: true });
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
