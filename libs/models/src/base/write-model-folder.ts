import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a folder through a temporary one: it never exists incomplete. An existing folder is replaced. */
export async function writeModelFolder(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  const draft = `${folder}.${process.pid}.draft`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    await rm(draft, { recursive: true, force: true });
    await mkdir(draft);
    for (const [name, content] of Object.entries(files)) await writeFile(join(draft, name), content);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
