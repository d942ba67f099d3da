import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '@overture/core';

/** A temporary folder with the given files, removed at the end of the scope. */
export interface WrittenCorpus {
  readonly dir: string;
  path(name: string): string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Writes files to a temporary folder. */
export async function writtenCorpus(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<WrittenCorpus> {
  const dir = await mkdtemp(join(tmpdir(), 'overture-corpus-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  return {
    dir,
    path: (name) => join(dir, name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** All items of an async iterable. */
export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The AppError that an action throws, synchronously or asynchronously. */
export async function failureOf(action: () => unknown): Promise<AppError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
