import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The partial file that one process may write to; `resumable` if a later process can continue it. */
export interface PartFile {
  readonly path: string;
  readonly resumable: boolean;
  release(): Promise<void>;
}

/**
 * Claims `<to>.part` for this process. If another running process holds it, this one gets a private name
 * instead, so that two downloads of one file cannot write into each other.
 */
export async function claimPart(to: string): Promise<PartFile> {
  await mkdir(dirname(to), { recursive: true });
  const claim = `${to}.part.owner`;
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await createExclusively(claim)) {
      return { path: `${to}.part`, resumable: true, release: () => rm(claim, { force: true }) };
    }
    if (await holderLives(claim)) break;
    await rm(claim, { force: true });
  }
  const path = `${to}.${process.pid}-${privateParts++}.part`;
  return { path, resumable: false, release: () => rm(path, { force: true }) };
}

let privateParts = 0;

/** Uses a hard link, so that the claim never exists without its holder's process id in it. */
async function createExclusively(path: string): Promise<boolean> {
  const draft = `${path}.${process.pid}-${privateParts++}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function holderLives(claim: string): Promise<boolean> {
  const pid = Number(await readFile(claim, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
