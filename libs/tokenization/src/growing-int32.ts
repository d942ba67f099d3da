import { AppError } from '@overture/core';

/** An Int32Array that grows: 4 bytes per element, where a list of numbers uses 8 to 16. */
export class GrowingInt32 {
  #data = new Int32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Appends values.
   * @throws AppError `TOKENS_TOO_MANY` beyond 2^31 - 1 elements, the limit of int32 offsets
   */
  push(values: ArrayLike<number>): void {
    const length = this.#length + values.length;
    if (length > 0x7fffffff) {
      throw new AppError(
        'TOKENS_TOO_MANY',
        'A corpus may have up to 2^31 - 1 tokens. This one has more: split it into several.',
      );
    }
    if (length > this.#data.length) {
      const larger = new Int32Array(Math.max(length, this.#data.length * 2));
      larger.set(this.#data.subarray(0, this.#length));
      this.#data = larger;
    }
    this.#data.set(values, this.#length);
    this.#length = length;
  }

  /** The values in an array of exactly their number. */
  toArray(): Int32Array {
    return this.#data.slice(0, this.#length);
  }
}
