import type { ArtifactRef } from '@overture/contracts';
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
 * Content by digest. An artifact is a file (bytes) or a tree (a folder of files); it never changes, so a reference to it means the
 * same for ever. All reads are verified: `ARTIFACT_MISSING` and `ARTIFACT_CORRUPT` name the digest, the place and what to do.
 */
export interface ArtifactStore {
  /** With what `openArtifacts` opens the same store in another process; undefined where the store is this process's own memory. */
  readonly place?: ArtifactPlace;
  /** Stores bytes or a stream of bytes. When it rejects, nothing is stored. */
  put<K extends string>(kind: K, source: Uint8Array | AsyncIterable<Uint8Array>): Promise<ArtifactRef<K>>;
  /**
   * Stores a folder: every file by its digest, then the manifest. File modes and empty folders are not kept.
   * @throws AppError `ARTIFACT_NOT_A_FILE` on symbolic links, sockets and the like.
   */
  putTree<K extends string>(kind: K, folder: string): Promise<ArtifactRef<K>>;
  /** The bytes of a file artifact; the stream fails before its end when they are not what the reference names. */
  read(ref: ArtifactRef): AsyncIterable<Uint8Array>;
  readBytes(ref: ArtifactRef): Promise<Uint8Array>;
  /** The files of a tree artifact by path; each value can be passed to `read`. */
  listTree(ref: ArtifactRef): Promise<ReadonlyMap<string, ArtifactRef<'file'>>>;
  /**
   * Writes a copy for a program that wants a path: of a tree, the folder `target`, which must not exist or be empty; of a file, the
   * file `target`, replaced if it exists. It appears whole or not at all, and altering it does not alter the store.
   */
  materialize(ref: ArtifactRef, target: string): Promise<void>;
  /** Whether all of it is there, by name and size; cheap, and blind to altered bytes. */
  has(ref: ArtifactRef): Promise<boolean>;
  /** Reads all of it, once for as long as it lies there unchanged. @throws AppError `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT` */
  verify(ref: ArtifactRef): Promise<void>;
}

/** The store on top of an adapter. `fileSystem` serves `putTree` and `materialize`, which touch folders outside the store. */
export function artifactStore(blobs: BlobStore, fileSystem: FileSystem = nodeFileSystem): ArtifactStore {
  const isTree = async (ref: ArtifactRef): Promise<boolean> => (await blobs.size('trees', ref.digest)) !== undefined;
  // What was verified in this process, by the stamp that it had then.
  const verified = new Map<Digest, string>();
  const readFile = (file: { digest: Digest; bytes: number }): AsyncIterable<Uint8Array> => verifiedRead(blobs, 'files', file);

  const readManifest = async (ref: ArtifactRef): Promise<TreeManifest> => {
    const where = blobs.locate('trees', ref.digest);
    const bytes = await collect(verifiedRead(blobs, 'trees', { digest: ref.digest }));
    const manifest = parseTreeManifest(new TextDecoder().decode(bytes), ref.digest, where);
    if (treeBytes(manifest) !== ref.bytes) throw corrupt(ref.digest, where, `files of ${treeBytes(manifest)} bytes where ${ref.bytes} were promised`);
    return manifest;
  };

  const store: ArtifactStore = {
    async put(kind, source) {
      return { kind, ...(await blobs.write('files', coalesce(chunksOf(source)))) };
    },
    async putTree(kind, folder) {
      const manifest = new Map<string, { digest: Digest; bytes: number }>();
      for await (const { path, content } of readFolder(folder, fileSystem)) manifest.set(path, await blobs.write('files', coalesce(content)));
      const text = new TextEncoder().encode(formatTreeManifest(manifest));
      const { digest } = await blobs.write('trees', chunksOf(text));
      return { kind, digest, bytes: treeBytes(manifest) };
    },
    read: readFile,
    readBytes: (ref) => collect(readFile(ref)),
    async listTree(ref) {
      return new Map([...(await readManifest(ref))].map(([path, file]) => [path, { kind: 'file' as const, ...file }]));
    },
    async materialize(ref, target) {
      if (!(await isTree(ref))) return materializeFile(readFile(ref), target, fileSystem);
      return materializeTree(await readManifest(ref), readFile, target, fileSystem);
    },
    async has(ref) {
      if (!(await isTree(ref))) return (await blobs.size('files', ref.digest)) === ref.bytes;
      const manifest = await readManifest(ref).catch(() => undefined);
      if (manifest === undefined) return false;
      for (const file of manifest.values()) if ((await blobs.size('files', file.digest)) !== file.bytes) return false;
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
