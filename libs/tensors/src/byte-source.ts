/** Bytes that are read in pieces, so that a file can be larger than the largest buffer. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Reads exactly `length` bytes at position `at`. */
  read(at: number, length: number): Promise<Uint8Array>;
}

/** A source of bytes in memory; reads return views. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}
