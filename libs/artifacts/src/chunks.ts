/**
 * Joins small chunks, so that a stream of lines does not need a system call per line. Never splits a chunk.
 * Buffers at most `size` bytes.
 */
export async function* coalesce(
  source: AsyncIterable<Uint8Array>,
  size = 1 << 18,
): AsyncGenerator<Uint8Array, void, undefined> {
  const held = new Uint8Array(size);
  let length = 0;
  for await (const chunk of source) {
    if (length + chunk.byteLength > size && length > 0) {
      yield held.slice(0, length);
      length = 0;
    }
    if (chunk.byteLength > size) {
      yield chunk;
      continue;
    }
    held.set(chunk, length);
    length += chunk.byteLength;
  }
  if (length > 0) yield held.slice(0, length);
}

/** Returns bytes as a stream of one chunk; a stream is passed through. */
export async function* chunksOf(
  source: Uint8Array | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (source instanceof Uint8Array) yield source;
  else yield* source;
}

/** Reads a whole stream into memory. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    length += chunk.byteLength;
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
