import type { Digest } from '@overture/core';
import { createReadStream } from 'node:fs';
import { lstat, readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Stream } from './sha256-stream.ts';

/**
 * A cache of remote content on the local disk: a filesystem store whose content may be evicted at any time.
 */
export interface LocalCopies {
  readonly maxBytes: number;
  /** Whether a copy matches its digest. Reads the file only if it has changed since the last check. */
  isIntact(path: string, digest: Digest): Promise<boolean>;
  /** Marks a copy as just used. */
  used(path: string): Promise<void>;
  /**
   * Marks copies as in use until the returned function is called. When none is in use and the total size
   * exceeds `maxBytes`, the least recently used copies are removed.
   */
  open(): () => Promise<void>;
}

/** Opens a cache in a folder and limits its size. */
export function openLocalCopies({ root, maxBytes }: { root: string; maxBytes: number }): LocalCopies {
  const intact = new Map<string, string>();
  let users = 0;
  return {
    maxBytes,
    async isIntact(path, digest) {
      const stamp = await stampOf(path);
      if (stamp === undefined) return false;
      if (intact.get(path) === stamp) return true;
      const hash = sha256Stream();
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
      if (hash.digest() !== digest) return false;
      intact.set(path, stamp);
      return true;
    },
    async used(path) {
      // Sets only the access time; the modification time is part of the stamp. If another process evicted the
      // copy, it will be downloaded again.
      const status = await lstat(path).catch(() => undefined);
      if (status !== undefined) await utimes(path, new Date(), status.mtime).catch(() => undefined);
    },
    open() {
      users++;
      let open = true;
      return async () => {
        if (!open) return;
        open = false;
        if (--users === 0) await evict(root, maxBytes);
      };
    },
  };
}

/** Changes whenever the bytes may have changed; the access time is not included. */
async function stampOf(path: string): Promise<string | undefined> {
  const status = await lstat(path).catch(() => undefined);
  return status?.isFile() ? `${status.ino} ${status.size} ${status.mtimeMs}` : undefined;
}

async function evict(root: string, maxBytes: number): Promise<void> {
  const files: { path: string; bytes: number; usedMs: number }[] = [];
  for (const space of ['files', 'trees']) {
    const entries = await readdir(join(root, space), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    for (const entry of entries) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const status = await lstat(path).catch(() => undefined);
      if (status !== undefined) files.push({ path, bytes: status.size, usedMs: status.atimeMs });
    }
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of files.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes) return;
    await rm(path, { force: true });
    total -= bytes;
  }
}
