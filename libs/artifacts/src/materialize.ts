import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { AppError, type Digest } from '@overture/core';
import { fileError } from './artifact-errors.ts';
import type { FileSystem } from './file-system.ts';
import type { TreeManifest } from './tree-manifest.ts';
import { writeNewFile } from './write-file.ts';

// Copies, not hard links: changing a linked copy would change the store. Copies are read with the same
// verification as any other read, so a reflink would save the write but not the read. They are not synced to
// disk, because they can be copied again.

/**
 * Writes a file next to `target` and renames it to `target` once it is complete.
 * @throws AppError `ARTIFACT_TARGET_TAKEN` if `target` is a folder; `ARTIFACT_IO` on other failures.
 */
export async function materializeFile(
  content: AsyncIterable<Uint8Array>,
  target: string,
  fileSystem: FileSystem,
): Promise<void> {
  await appear(target, fileSystem, (partial) =>
    writeNewFile(partial, content, { fileSystem, mode: 0o644, sync: false }),
  );
}

/**
 * Writes a folder next to `target` and renames it to `target` once it is complete.
 * @throws AppError `ARTIFACT_TARGET_TAKEN` if `target` is a file or a non-empty folder; `ARTIFACT_IO` on
 * other failures.
 */
export async function materializeTree(
  manifest: TreeManifest,
  read: (file: { digest: Digest; bytes: number }) => AsyncIterable<Uint8Array>,
  target: string,
  fileSystem: FileSystem,
): Promise<void> {
  await appear(target, fileSystem, async (partial) => {
    await fileSystem.mkdir(partial, { recursive: true });
    for (const [path, file] of manifest) {
      const full = join(partial, path);
      await fileSystem.mkdir(dirname(full), { recursive: true });
      await writeNewFile(full, read(file), { fileSystem, mode: 0o644, sync: false });
    }
  });
}

async function appear(
  target: string,
  fileSystem: FileSystem,
  make: (partial: string) => Promise<void>,
): Promise<void> {
  const partial = `${target}.${randomUUID()}.partial`;
  try {
    await fileSystem.mkdir(dirname(target), { recursive: true });
    await make(partial);
    await fileSystem.rename(partial, target);
  } catch (error) {
    await fileSystem.rm(partial, { recursive: true, force: true }).catch(() => undefined);
    throw isOccupied(error) ? occupied(target, error) : fileError(error, 'write', target);
  }
}

function isOccupied(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === 'rename' && ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR'].includes(code ?? '');
}

function occupied(target: string, cause: unknown): AppError {
  return new AppError(
    'ARTIFACT_TARGET_TAKEN',
    `The place for a copy of an artifact must not exist: a file is replaced, a folder must be empty. Got ${target}, which holds something else. Choose another place.`,
    { details: { target }, cause },
  );
}
