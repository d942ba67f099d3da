import type { ArtifactRef } from '@overture/protocol';
import type { Digest } from '@overture/core';
import { corrupt } from './artifact-errors.ts';
import type { BlobStore } from './blob-store.ts';
import { chunksOf, coalesce, collect } from './chunks.ts';
import { nodeFileSystem, type FileSystem } from './file-system.ts';
import { materializeFile, materializeTree } from './materialize.ts';
import { readFolder } from './read-folder.ts';
import { formatTreeManifest, parseTreeManifest, treeBytes, type TreeManifest } from './tree-manifest.ts';
import { verifiedRead } from './verified-read.ts';
import type { ArtifactPlace } from './artifact-place.ts';

/**
 * Content-addressed storage. An artifact is a file (bytes) or a tree (a folder of files). It never changes,
 * so a reference always refers to the same content. All reads are verified and throw `ARTIFACT_MISSING` or
 * `ARTIFACT_CORRUPT` with the digest, the location and what to do.
 */
export interface ArtifactStore {
  /**
   * The place from which `openArtifacts` opens the same store in another process; undefined for a store in
   * memory.
   */
  readonly place?: ArtifactPlace;
  /** Stores bytes or a stream of bytes. If it rejects, nothing is stored. */
  put<K extends string>(kind: K, source: Uint8Array | AsyncIterable<Uint8Array>): Promise<ArtifactRef<K>>;
  /**
   * Stores a folder: every file under its digest, then the manifest. File modes and empty folders are not
   * preserved.
   * @throws AppError `ARTIFACT_NOT_A_FILE` for symbolic links, sockets and similar entries.
   */
  putTree<K extends string>(kind: K, folder: string): Promise<ArtifactRef<K>>;
  /**
   * Reads a file artifact. The stream fails before its last chunk if the bytes do not match the reference.
   */
  read(ref: ArtifactRef): AsyncIterable<Uint8Array>;
  /** Reads a whole file artifact into memory. */
  readBytes(ref: ArtifactRef): Promise<Uint8Array>;
  /** Returns the files of a tree artifact by path. Each value can be passed to `read`. */
  listTree(ref: ArtifactRef): Promise<ReadonlyMap<string, ArtifactRef<'file'>>>;
  /**
   * Writes a copy for programs that need a path. For a tree, `target` is a folder, which must be empty or not
   * exist. For a file, it is a file, which is replaced if it exists. The write is atomic, and changing the
   * copy does not change the store.
   */
  materialize(ref: ArtifactRef, target: string): Promise<void>;
  /** Whether all content is present, by name and size. Fast, but does not detect altered bytes. */
  has(ref: ArtifactRef): Promise<boolean>;
  /**
   * Reads and verifies all content; content that has not changed since an earlier call is not read again.
   * @throws AppError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT`
   */
  verify(ref: ArtifactRef): Promise<void>;
}

/**
 * Creates a store on an adapter. `fileSystem` is for `putTree` and `materialize`, which access folders
 * outside the store.
 */
export function artifactStore(blobs: BlobStore, fileSystem: FileSystem = nodeFileSystem): ArtifactStore {
  const isTree = async (ref: ArtifactRef): Promise<boolean> =>
    (await blobs.size('trees', ref.digest)) !== undefined;
  // The content verified in this process, with its stamp at that time.
  const verified = new Map<Digest, string>();
  const readFile = (file: { digest: Digest; bytes: number }): AsyncIterable<Uint8Array> =>
    verifiedRead(blobs, 'files', file);

  const readManifest = async (ref: ArtifactRef): Promise<TreeManifest> => {
    const where = blobs.locate('trees', ref.digest);
    const bytes = await collect(verifiedRead(blobs, 'trees', { digest: ref.digest }));
    const manifest = parseTreeManifest(new TextDecoder().decode(bytes), ref.digest, where);
    if (treeBytes(manifest) !== ref.bytes)
      throw corrupt(
        ref.digest,
        where,
        `files of ${treeBytes(manifest)} bytes where ${ref.bytes} were promised`,
      );
    return manifest;
  };

  const store: ArtifactStore = {
    async put(kind, source) {
      return { kind, ...(await blobs.write('files', coalesce(chunksOf(source)))) };
    },
    async putTree(kind, folder) {
      const manifest = new Map<string, { digest: Digest; bytes: number }>();
      for await (const { path, content } of readFolder(folder, fileSystem))
        manifest.set(path, await blobs.write('files', coalesce(content)));
      const text = new TextEncoder().encode(formatTreeManifest(manifest));
      const { digest } = await blobs.write('trees', chunksOf(text));
      return { kind, digest, bytes: treeBytes(manifest) };
    },
    read: readFile,
    readBytes: (ref) => collect(readFile(ref)),
    async listTree(ref) {
      return new Map(
        [...(await readManifest(ref))].map(([path, file]) => [path, { kind: 'file' as const, ...file }]),
      );
    },
    async materialize(ref, target) {
      if (!(await isTree(ref))) return materializeFile(readFile(ref), target, fileSystem);
      return materializeTree(await readManifest(ref), readFile, target, fileSystem);
    },
    async has(ref) {
      if (!(await isTree(ref))) return (await blobs.size('files', ref.digest)) === ref.bytes;
      const manifest = await readManifest(ref).catch(() => undefined);
      if (manifest === undefined) return false;
      for (const file of manifest.values())
        if ((await blobs.size('files', file.digest)) !== file.bytes) return false;
      return true;
    },
    async verify(ref) {
      const files = (await isTree(ref)) ? (await readManifest(ref)).values() : [ref];
      for (const file of files) {
        const stamp = await blobs.stamp?.('files', file.digest);
        if (stamp !== undefined && verified.get(file.digest) === `${stamp} ${file.bytes}`) continue;
        for await (const _chunk of readFile(file)) void _chunk;
        if (stamp !== undefined) verified.set(file.digest, `${stamp} ${file.bytes}`);
      }
    },
  };
  return store;
}
