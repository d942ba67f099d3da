import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { AppError } from '@overture/core';

/**
 * Writes lines to a file atomically.
 * @throws AppError `FILE_EXISTS` unless `force`
 */
export async function writeLines(
  file: string,
  lines: AsyncIterable<string>,
  { force = false, draftId }: { readonly force?: boolean; readonly draftId: string },
): Promise<void> {
  if (!force) await assertFree(file);
  const draft = `${file}.${draftId}.draft`;
  await mkdir(dirname(file), { recursive: true });
  const out = createWriteStream(draft);
  try {
    for await (const line of lines) if (!out.write(`${line}\n`)) await once(out, 'drain');
    out.end();
    await finished(out);
    await rename(draft, file);
  } finally {
    out.destroy();
    await rm(draft, { force: true });
  }
}

/**
 * Checks that a file does not exist yet.
 * @throws AppError `FILE_EXISTS`
 */
export async function assertFree(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new AppError(
      'FILE_EXISTS',
      `${file} exists already. Choose another name with --to, or overwrite it with --force.`,
    );
}
