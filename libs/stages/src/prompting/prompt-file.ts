import { readFile, writeFile } from 'node:fs/promises';

/** Writes the token ids of prompts as int32: their number n, n + 1 offsets, the ids. */
export async function writePrompts(path: string, prompts: readonly (readonly number[])[]): Promise<void> {
  const n = prompts.length;
  const ids = prompts.reduce((sum, { length }) => sum + length, 0);
  const file = new Int32Array(n + 2 + ids);
  file[0] = n;
  let end = 0;
  prompts.forEach((prompt, i) => {
    file.set(prompt, n + 2 + end);
    file[i + 2] = end += prompt.length;
  });
  await writeFile(path, new Uint8Array(file.buffer));
}

/** The inverse of `writePrompts`. */
export async function readPrompts(path: string): Promise<number[][]> {
  const bytes = await readFile(path);
  const file = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const [n] = file as unknown as [number];
  return Array.from({ length: n }, (_, i) =>
    Array.from(file.subarray(n + 2 + file[i + 1]!, n + 2 + file[i + 2]!)),
  );
}
