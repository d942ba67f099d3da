import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The project folder. */
export const root = join(import.meta.dirname, '..', '..', '..');

/** Writes a report to a path in the project, and prints it. */
export async function writeReport(path: string, report: string): Promise<void> {
  const out = join(root, path);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, report);
  process.stdout.write(report);
}
