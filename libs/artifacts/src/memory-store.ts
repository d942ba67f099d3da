import type { Digest } from '@overture/core';
import { missing } from './artifact-errors.ts';
import { artifactStore, type ArtifactStore } from './artifact-store.ts';
import type { BlobSpace, BlobStore } from './blob-store.ts';
import { collect } from './chunks.ts';
import { sha256Stream } from './sha256-stream.ts';

/** An adapter that stores content in memory, for tests and scripts. */
export function memoryBlobs(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  const key = (space: BlobSpace, digest: Digest): string => `memory:${space}/${digest}`;
  return {
    async write(space, source) {
      const content = (await collect(source)).slice();
      const hash = sha256Stream();
      hash.update(content);
      const digest = hash.digest();
      blobs.set(key(space, digest), content);
      return { digest, bytes: content.byteLength };
    },
    async *read(space, digest) {
      const content = blobs.get(key(space, digest));
      if (content === undefined) throw missing(digest, key(space, digest));
      // A copy, so that a reader can change its bytes without changing the store.
      if (content.byteLength > 0) yield content.slice();
    },
    size: async (space, digest) => blobs.get(key(space, digest))?.byteLength,
    locate: key,
  };
}

/** An artifact store in memory. */
export function memoryStore(): ArtifactStore {
  return artifactStore(memoryBlobs());
}
