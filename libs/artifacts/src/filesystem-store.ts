import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError, type Digest } from '@overture/core';
import { corrupt, fileError, missing } from './artifact-errors.ts';
import { artifactStore, type ArtifactStore } from './artifact-store.ts';
import type { BlobSpace, BlobStore } from './blob-store.ts';
import { nodeFileSystem, type FileSystem } from './file-system.ts';
import { removeLeftOvers } from './left-overs.ts';
import { readHandle } from './read-handle.ts';
import { sha256Stream } from './sha256-stream.ts';
import { syncFolder, writeNewFile } from './write-file.ts';

/** Options of the filesystem store. */
export interface FilesystemStoreOptions {
  /**
   * The store's own folder, created if missing. Several processes may use it at once, including over a
   * network file system.
   */
  readonly root: string;
  readonly fileSystem?: FileSystem;
}

/**
 * Opens an artifact store in a folder and removes the partial files of dead processes.
 * @throws AppError `ARTIFACT_IO` if the folder cannot be created or written.
 */
export async function openFilesystemStore({
  root,
  fileSystem = nodeFileSystem,
}: FilesystemStoreOptions): Promise<ArtifactStore> {
  return artifactStore(await openFilesystemBlobs({ root, fileSystem }), fileSystem);
}

/**
 * Opens the filesystem adapter. Content is stored in read-only files named `<root>/<space>/sha256/<first two
 * digits>/<64 digits>`. It is first written under `<root>/incoming`, on the same file system, synced, and
 * then renamed.
 * @throws AppError `ARTIFACT_IO` if the folder cannot be created or written.
 */
export async function openFilesystemBlobs({
  root,
  fileSystem = nodeFileSystem,
}: FilesystemStoreOptions): Promise<BlobStore> {
  const incoming = join(root, 'incoming');
  // The name contains the host and the process, so that a later cleanup can identify the writer.
  const temporary = (): string => join(incoming, `${hostname()}.${process.pid}.${randomUUID()}`);
  const locate = (space: BlobSpace, digest: Digest): string => {
    const hex = digest.slice('sha256:'.length);
    return join(root, space, 'sha256', hex.slice(0, 2), hex);
  };
  try {
    await fileSystem.mkdir(incoming, { recursive: true });
    await removeLeftOvers(incoming, temporary(), fileSystem);
  } catch (error) {
    throw fileError(error, 'open the artifact store in', root);
  }

  return {
    locate,
    async write(space, source) {
      const partial = temporary();
      const hash = sha256Stream();
      let target = root;
      try {
        await writeNewFile(partial, source, { fileSystem, mode: 0o444, sync: true, onChunk: hash.update });
        const digest = hash.digest();
        target = locate(space, digest);
        await makeFolder(dirname(target), root, fileSystem);
        await fileSystem.rename(partial, target);
        await syncFolder(dirname(target), fileSystem);
        return { digest, bytes: hash.bytes() };
      } catch (error) {
        await fileSystem.rm(partial, { force: true }).catch(() => undefined);
        throw sourceOrFileError(error, target);
      }
    },
    async *read(space, digest) {
      const path = locate(space, digest);
      try {
        const handle = await fileSystem.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
        yield* readHandle(handle);
      } catch (error) {
        throw readError(error, digest, path);
      }
    },
    async stamp(space, digest) {
      // Like git, compare the file status: any write changes the ctime, which cannot be set back.
      const status = await fileSystem.lstat(locate(space, digest)).catch(() => undefined);
      return status?.isFile()
        ? `${status.ino} ${status.size} ${status.mtimeMs} ${status.ctimeMs}`
        : undefined;
    },
    async size(space, digest) {
      const path = locate(space, digest);
      try {
        const status = await fileSystem.lstat(path);
        return status.isFile() ? status.size : undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw fileError(error, 'look at', path);
      }
    },
  };
}

/** Creates a folder and its missing parents up to `root`, and syncs each new name. */
async function makeFolder(folder: string, root: string, fileSystem: FileSystem): Promise<void> {
  const first = await fileSystem.mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let path = folder; path !== root; path = dirname(path)) {
    await syncFolder(dirname(path), fileSystem);
    if (path === first) return;
  }
}

/** Errors from the caller's stream are passed on unchanged; errors from the disk are converted. */
function sourceOrFileError(error: unknown, path: string): unknown {
  return error instanceof AppError || (error as NodeJS.ErrnoException).syscall === undefined
    ? error
    : fileError(error, 'write', path);
}

function readError(error: unknown, digest: Digest, path: string): AppError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return missing(digest, path);
  if (code === 'ELOOP') return corrupt(digest, path, 'a symbolic link');
  if (code === 'EISDIR') return corrupt(digest, path, 'a folder');
  return fileError(error, 'read', path);
}
