import { digestOf } from '@overture/core';
import { expect, it } from 'vitest';
import type { BlobStore } from './blob-store.ts';
import { memoryBlobs, memoryStore } from './memory-store.ts';
import { blobStoreConformance } from './testing/index.ts';

blobStoreConformance('memory', async () => {
  const blobs = memoryBlobs();
  // Reads return the altered content until the original is stored again.
  const altered = new Map<string, Uint8Array | undefined>();
  const faulty: BlobStore = {
    ...blobs,
    async write(space, source) {
      const written = await blobs.write(space, source);
      altered.delete(blobs.locate(space, written.digest));
      return written;
    },
    async *read(space, digest) {
      const key = blobs.locate(space, digest);
      if (!altered.has(key)) return yield* blobs.read(space, digest);
      const content = altered.get(key);
      if (content === undefined) yield* blobs.read(space, digestOf('nothing has this digest'));
      else yield content;
    },
    async size(space, digest) {
      const key = blobs.locate(space, digest);
      return altered.has(key) ? altered.get(key)?.byteLength : blobs.size(space, digest);
    },
  };
  return {
    blobs: faulty,
    alter: async (space, digest, content) => void altered.set(blobs.locate(space, digest), content),
  };
});

it('keeps stores apart', async () => {
  const ref = await memoryStore().put('corpus', new Uint8Array(1));
  expect(await memoryStore().has(ref)).toBe(false);
});
