import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type Digest } from '@overture/core';
import {
  attemptOf,
  claimFile,
  lastClaim,
  manifestFile,
  manifestsAmong,
  type BufferFile,
  type CheckpointManifest,
} from './checkpoint-manifest.ts';
import type { Checkpoint, CheckpointStore } from './checkpoint-store.ts';

const kept = 2; // the newest, and the previous one in case the newest is damaged

/**
 * Opens a folder of checkpoints and claims it. The claim is the attempt's number. An attempt writes only
 * files with its own number and reads the newest checkpoint, whoever wrote it. An earlier attempt that
 * stalled can therefore resume at any instruction without overwriting or deleting files of a later one.
 * @throws AppError from `save`: `CHECKPOINT_SUPERSEDED`, `CHECKPOINT_NOT_WRITTEN` (retryable)
 */
export async function fileCheckpoints(folder: string): Promise<CheckpointStore> {
  await mkdir(folder, { recursive: true });
  const attempt = await claim(folder);
  const written = new Map<Digest, BufferFile>();
  let sequence = 0;

  return {
    async latest(suits = () => true) {
      for (const { file } of manifestsAmong(await readdir(folder))) {
        const checkpoint = await readCheckpoint(folder, file, suits);
        if (checkpoint !== undefined) return checkpoint;
      }
      return undefined;
    },

    async save({ state, buffers }) {
      try {
        await refuseIfSuperseded(folder, attempt);
        const files: Record<string, BufferFile> = {};
        for (const [name, buffer] of buffers) {
          const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
          const digest = sha256(bytes);
          const file = written.get(digest) ?? {
            file: `buffer-${attempt}-${digest.slice(7)}`,
            bytes: bytes.length,
            digest,
          };
          if (!written.has(digest)) await writeWhole(folder, attempt, file.file, bytes);
          written.set(digest, file);
          files[name] = file;
        }
        sequence++;
        const manifest: CheckpointManifest = { format: 1, attempt, sequence, state, buffers: files };
        await writeWhole(
          folder,
          attempt,
          manifestFile(attempt, sequence),
          Buffer.from(JSON.stringify(manifest)),
        );
        for (const digest of await prune(folder, attempt)) written.delete(digest);
      } catch (cause) {
        if (cause instanceof AppError) throw cause;
        throw new AppError(
          'CHECKPOINT_NOT_WRITTEN',
          `A checkpoint must be written to ${folder}. ${(cause as Error).message}. The checkpoint before it is kept; free space or fix the folder, then go on.`,
          {
            details: { folder },
            retryable: true,
            cause,
          },
        );
      }
    },
  };
}

/** Takes the next free attempt number. Exclusive file creation settles a race between two attempts. */
async function claim(folder: string): Promise<number> {
  for (let attempt = lastClaim(await readdir(folder)) + 1; ; attempt++) {
    try {
      await (await open(join(folder, claimFile(attempt)), 'wx')).close();
      return attempt;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function refuseIfSuperseded(folder: string, attempt: number): Promise<void> {
  const last = lastClaim(await readdir(folder));
  if (last === attempt) return;
  throw new AppError(
    'CHECKPOINT_SUPERSEDED',
    `Attempt ${attempt} must be the last to work in ${folder}. Attempt ${last} has taken over; this one stops.`,
    {
      details: { folder, attempt, last },
    },
  );
}

/** Reads a checkpoint; undefined if its state does not suit or if a file is missing or damaged. */
async function readCheckpoint(
  folder: string,
  manifestName: string,
  suits: (state: Checkpoint['state']) => boolean,
): Promise<Checkpoint | undefined> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as CheckpointManifest;
    if (manifest.format !== 1 || !suits(manifest.state)) return undefined;
    const buffers = new Map<string, Float32Array>();
    for (const [name, { file, bytes, digest }] of Object.entries(manifest.buffers)) {
      const content = await readFile(join(folder, file));
      if (content.length !== bytes || sha256(content) !== digest) return undefined;
      buffers.set(name, new Float32Array(content.buffer, content.byteOffset, bytes / 4));
    }
    return { state: manifest.state, buffers };
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Writes a temporary file, syncs it, renames it, and syncs the folder: the file appears complete or not at
 * all.
 */
async function writeWhole(folder: string, attempt: number, name: string, content: Uint8Array): Promise<void> {
  const temporary = join(folder, `temporary-${attempt}-${name}`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}

/**
 * Deletes files that the newest manifests up to this attempt do not list. Files of later attempts are left
 * alone.
 */
async function prune(folder: string, attempt: number): Promise<Digest[]> {
  const files = await readdir(folder);
  const manifests = manifestsAmong(files).filter((manifest) => manifest.attempt <= attempt);
  const needed = new Set<string>();
  for (const { file } of manifests.slice(0, kept)) {
    needed.add(file);
    const { buffers } = JSON.parse(await readFile(join(folder, file), 'utf8')) as CheckpointManifest;
    for (const buffer of Object.values(buffers)) needed.add(buffer.file);
  }
  const stale = [
    ...manifests.map(({ file }) => file),
    ...files.filter((file) => (attemptOf(file) ?? Infinity) <= attempt),
  ].filter((file) => !needed.has(file));
  await Promise.all(stale.map((file) => rm(join(folder, file), { force: true })));
  return stale
    .filter((file) => file.startsWith(`buffer-${attempt}-`))
    .map((file) => `sha256:${file.split('-')[2]}` as Digest);
}

/** Uses Node's native hash, because checkpoints are hundreds of megabytes. */
function sha256(content: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(content).digest('hex')}` as Digest;
}
