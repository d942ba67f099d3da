import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a file's bytes, as 64 hexadecimal digits; reads the file as a stream. */
export async function sha256File(
  path: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal: options.signal }))
    hash.update(chunk as Buffer);
  return hash.digest('hex');
}
