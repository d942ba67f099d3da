import { constants } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { fileError } from './artifact-errors.ts';
import type { FileSystem } from './file-system.ts';
import { readHandle } from './read-handle.ts';
import { checkTreePath } from './tree-manifest.ts';

/**
 * Reads the files of a folder and its subfolders, sorted by path within each folder.
 * @throws AppError `ARTIFACT_NOT_A_FILE` for anything except files and folders, because a link's target may
 * be anywhere and may change; `ARTIFACT_PATH` for invalid names; `ARTIFACT_IO` on other failures.
 */
export async function* readFolder(
  folder: string,
  fileSystem: FileSystem,
  prefix = '',
): AsyncGenerator<{ path: string; content: AsyncIterable<Uint8Array> }, void, undefined> {
  const names = await fileSystem.readdir(folder).catch((error: unknown) => {
    throw fileError(error, 'list the folder', folder);
  });
  for (const name of names.sort()) {
    const [path, full] = [prefix + name, join(folder, name)];
    checkTreePath(path, folder);
    const status = await fileSystem.lstat(full).catch((error: unknown) => {
      throw fileError(error, 'look at', full);
    });
    if (status.isDirectory()) yield* readFolder(full, fileSystem, `${path}/`);
    else if (status.isFile()) yield { path, content: readRegularFile(full, fileSystem) };
    else throw notAFile(full, status.isSymbolicLink() ? 'a symbolic link' : 'neither');
  }
}

async function* readRegularFile(
  path: string,
  fileSystem: FileSystem,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // O_NOFOLLOW: the file may have been replaced by a link since it was listed.
    const handle = await fileSystem.open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    yield* readHandle(handle);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function notAFile(path: string, got: string): AppError {
  return new AppError(
    'ARTIFACT_NOT_A_FILE',
    `Everything in a folder that is stored as an artifact must be a file or a folder. Got ${got} at ${path} instead. Put a copy of the file there.`,
    { details: { path, got } },
  );
}
