import { stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** The project folder. */
export const root = join(import.meta.dirname, '..', '..', '..');

/**
 * Where a report is written: a relative path is in the project.
 * @throws Error when its folder does not exist. Called before the work, so that no measurement is lost.
 */
export async function reportPath(path: string): Promise<string> {
  const out = resolve(root, path);
  const folder = await stat(dirname(out)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (folder?.isDirectory() !== true)
    throw new Error(
      `--out must name a file in a folder that exists. ${dirname(out)} is not a folder: create it, or give another path.`,
    );
  if ((await stat(out).catch(() => undefined))?.isDirectory() === true)
    throw new Error(`--out must name a file. ${out} is a folder: add a file name.`);
  return out;
}

/** Writes a report to a path from `reportPath`, and prints it. */
export async function writeReport(path: string, report: string): Promise<void> {
  await writeFile(path, report);
  process.stdout.write(report);
}
