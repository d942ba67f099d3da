import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFile } from '@overture/downloads';
import * as z from 'zod';

/**
 * The record of a pull in its folder: file names and SHA-256. The next pull uses it to check files without a
 * hash in the catalog.
 */
export type PullRecord = z.infer<typeof PullRecordSchema>;

const PullRecordSchema = z.object({
  corpus: z.string(),
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/)),
});

const fileName = 'pulled.json';

/** The record of an earlier pull; undefined if it is missing or unreadable. */
export async function readPullRecord(dir: string): Promise<PullRecord | undefined> {
  try {
    return PullRecordSchema.parse(JSON.parse(await readFile(join(dir, fileName), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the record of a pull atomically. */
export async function writePullRecord(dir: string, record: PullRecord): Promise<void> {
  const temporary = join(dir, `${fileName}.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`);
  await installFile(temporary, join(dir, fileName));
}
