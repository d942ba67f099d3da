import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

const rotateBytes = 5_000_000;

/** Creates the log folder and rotates logs that have grown large, keeping one generation. */
export async function prepareLogs(folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of names) {
    const path = join(folder, `${name}.log`);
    const { size } = await stat(path).catch(() => ({ size: 0 }));
    if (size > rotateBytes) await rename(path, `${path}.1`);
  }
}

/** The last lines of a log, for an error message; empty if there is none. */
export async function logTail(
  path: string,
  options: { readonly from?: number; readonly lines?: number } = {},
): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(options.from ?? 0, size - 8_192, 0);
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(Math.max(size - start, 0)),
      0,
      Math.max(size - start, 0),
      start,
    );
    return buffer
      .subarray(0, bytesRead)
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .slice(-(options.lines ?? 12))
      .join('\n');
  } finally {
    await file.close();
  }
}

/** The current size of a log in bytes. Everything after it belongs to the current start. */
export async function logSize(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
