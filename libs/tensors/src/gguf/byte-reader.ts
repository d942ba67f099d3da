import { AppError } from '@overture/core';

const longestString = 16 * 2 ** 20; // a chat template has a few kilobytes

/** Thrown by a reader that has only the beginning of a file and needs more bytes. */
export class MoreBytesNeeded extends Error {}

/**
 * Reads little-endian values in order and rejects reads beyond the end, so that a wrong count never causes a
 * large allocation.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #size: number;
  #at = 0;

  /** @param size of the whole file; `bytes` can be only its beginning */
  constructor(bytes: Uint8Array, where: string, size = bytes.length) {
    this.#bytes = bytes;
    this.#size = size;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get at(): number {
    return this.#at;
  }

  /**
   * Throws the error for an invalid file.
   * @throws AppError `GGUF_INVALID`
   */
  refuse(problem: string): never {
    throw new AppError('GGUF_INVALID', `${this.#where} must be a GGUF file: ${problem}. Fetch it again.`, {
      details: { where: this.#where, problem },
    });
  }

  /** Reads a value of this many bytes with a method of DataView. */
  value<T>(bytes: number, read: (view: DataView, at: number) => T): T {
    const at = this.#take(bytes);
    return read(this.#view, at);
  }

  uint32(): number {
    return this.value(4, (view, at) => view.getUint32(at, true));
  }

  /**
   * Reads a 64-bit count of items of at least `size` bytes each, and checks that they fit in the rest of the
   * file.
   * @throws AppError `GGUF_INVALID`
   */
  count(what: string, size: number): number {
    const count = this.value(8, (view, at) => view.getBigUint64(at, true));
    const left = this.#size - this.#at;
    if (count * BigInt(size) > BigInt(left))
      this.refuse(`it announces ${count} ${what}, and ${left} bytes are left`);
    return Number(count);
  }

  /** Reads a UTF-8 string with a 64-bit length. */
  string(): string {
    const length = this.count('bytes of a string', 1);
    if (length > longestString) this.refuse(`a string of ${length} bytes is longer than ${longestString}`);
    const at = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (at + bytes > this.#size) this.refuse(`it ends at byte ${this.#size}, in the middle of its header`);
    if (at + bytes > this.#bytes.length) throw new MoreBytesNeeded();
    this.#at = at + bytes;
    return at;
  }
}
