import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, didYouMean } from '@overture/core';

/**
 * Checks that a corpus path exists.
 * @throws AppError `CORPUS_NOT_FOUND` if nothing is there
 */
export function assertCorpusExists(uri: string): void {
  const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  if (!isAbsolute(path) || statSync(path, { throwIfNoEntry: false }) !== undefined) return;
  throw new AppError(
    'CORPUS_NOT_FOUND',
    `The corpus ${path} does not exist. Check the path: it must be a file or a folder with dialogues.${didYouMean(basename(path), siblings(path))}`,
    { details: { file: path } },
  );
}

function siblings(path: string): string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}
