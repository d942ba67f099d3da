import { access, constants } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder, type MachineSettings } from './paths.ts';

/**
 * The user's home folder. In a container whose user has neither an account nor HOME, the folder for temporary
 * files.
 */
export function userHomeFolder(): string {
  try {
    return homedir();
  } catch {
    return tmpdir();
  }
}

/**
 * The folder for downloads: `cacheFolder`, or `cache` in Overture's home if this user cannot write to the
 * former. A folder named by OVERTURE_CACHE is used as it is.
 */
export async function writableCacheFolder(
  machine: MachineSettings & { readonly home: string; readonly cwd: string },
): Promise<string> {
  const preferred = resolve(machine.cwd, cacheFolder(machine));
  if (machine.env['OVERTURE_CACHE'] || (await canWrite(preferred))) return preferred;
  return join(machine.home, 'cache');
}

/** Whether a folder is writable or can be created. */
async function canWrite(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing && dirname(folder) !== folder && canWrite(dirname(folder));
  }
}
