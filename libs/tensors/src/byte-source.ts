/** Bytes that are read in pieces, so that a file may be larger than a buffer can be. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Exactly `length` bytes from `at` on. */
  read(at: number, length: number): Promise<Uint8Array>;
}

/** Bytes in memory as a source; what it returns are views. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}
