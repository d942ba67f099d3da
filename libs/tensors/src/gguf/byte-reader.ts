import { AppError } from '@overture/core';

const longestString = 16 * 2 ** 20; // a chat template has some kilobytes

/** Thrown by a reader that has only the first bytes of a file and needs more of them. */
export class MoreBytesNeeded extends Error {}

/** Reads little-endian values in order and refuses to pass the end, so that a lying count costs nothing. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #where: string;
  readonly #size: number;
  #at = 0;

  /** @param size of the whole file, of which `bytes` may be only the beginning */
  constructor(bytes: Uint8Array, where: string, size = bytes.length) {
    this.#bytes = bytes;
    this.#size = size;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#where = where;
  }

  get at(): number {
    return this.#at;
  }

  /** @throws AppError `GGUF_INVALID` */
  refuse(problem: string): never {
    throw new AppError('GGUF_INVALID', `${this.#where} must be a GGUF file: ${problem}. Fetch it again.`, { details: { where: this.#where, problem } });
  }

  /** A value of so many bytes, read by a method of DataView. */
  value<T>(bytes: number, read: (view: DataView, at: number) => T): T {
    const at = this.#take(bytes);
    return read(this.#view, at);
  }

  uint32(): number {
    return this.value(4, (view, at) => view.getUint32(at, true));
  }

  /** A 64-bit count of things of at least `size` bytes each, which therefore must fit in what is left. */
  count(what: string, size: number): number {
    const count = this.value(8, (view, at) => view.getBigUint64(at, true));
    const left = this.#size - this.#at;
    if (count * BigInt(size) > BigInt(left)) this.refuse(`it announces ${count} ${what}, and ${left} bytes are left`);
    return Number(count);
  }

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
