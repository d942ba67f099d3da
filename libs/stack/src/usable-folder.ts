import { accessSync, constants, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { AppError } from '@overture/core';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  ENOENT: 'the file system does not allow new folders there',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
};

/**
 * Checks that a folder exists and is writable, or can be created. Leaves no files behind. Node's own
 * recursive mkdir never returns in /proc and other file systems that allow no new folders.
 * @param what the name of the setting for the message, such as `OVERTURE_HOME`
 * @throws AppError `FOLDER_UNUSABLE`
 */
export function assertUsableFolder(folder: string, what: string): void {
  const problem = folderProblem(folder);
  if (problem === undefined) return;
  throw new AppError(
    'FOLDER_UNUSABLE',
    `${what} must be a folder that Overture can write to. ${folder} is not: ${problem}. Set ${what} to another folder.`,
    { details: { folder } },
  );
}

function folderProblem(folder: string): string | undefined {
  try {
    const existing = nearestExisting(folder);
    if (!statSync(existing).isDirectory())
      return existing === folder ? 'it is a file' : `${existing} is a file`;
    accessSync(existing, constants.W_OK | constants.X_OK);
    if (existing === folder) return undefined;
    const first = join(existing, relative(existing, folder).split(sep)[0] ?? '');
    mkdirSync(first);
    rmdirSync(first);
    return undefined;
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    // Another process has just created it.
    if (code === 'EEXIST' || code === 'ENOTEMPTY') return undefined;
    return reasons[code] === undefined ? message : `${reasons[code]} (${code})`;
  }
}

function nearestExisting(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      statSync(folder);
      return folder;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (dirname(folder) === folder || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw error;
    }
  }
}
