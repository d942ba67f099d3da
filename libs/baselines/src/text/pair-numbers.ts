/**
 * Numbers for pairs of integers. A `Map` is limited to 2^24 entries, and a large corpus has more word pairs.
 */
export interface PairNumbers {
  size(): number;
  /** The pair's number; a new pair gets the next one, from 0. */
  numberOf(first: number, second: number): number;
  /** The pair's number; -1 for an unknown pair. */
  find(first: number, second: number): number;
  pair(number: number): readonly [first: number, second: number];
}

/** A hash table with open addressing over typed arrays: 16 to 32 bytes per pair. */
export function pairNumbers(): PairNumbers {
  let size = 0;
  let firsts = new Int32Array(1024);
  let seconds = new Int32Array(1024);
  let slots = new Int32Array(2048).fill(-1);

  /** The slot of a pair, or the free slot for it. */
  const slotOf = (first: number, second: number): number => {
    const mask = slots.length - 1;
    let slot = hash(first, second) & mask;
    for (
      let number = slots[slot]!;
      number >= 0 && (firsts[number] !== first || seconds[number] !== second);
      number = slots[slot]!
    )
      slot = (slot + 1) & mask;
    return slot;
  };
  const grow = (): void => {
    [firsts, seconds] = [longer(firsts), longer(seconds)];
    slots = new Int32Array(2 * slots.length).fill(-1);
    for (let number = 0; number < size; number++) slots[slotOf(firsts[number]!, seconds[number]!)] = number;
  };
  return {
    size: () => size,
    numberOf(first, second) {
      const slot = slotOf(first, second);
      if (slots[slot]! >= 0) return slots[slot]!;
      firsts[size] = first;
      seconds[size] = second;
      slots[slot] = size++;
      if (size === firsts.length) grow();
      return size - 1;
    },
    find: (first, second) => slots[slotOf(first, second)]!,
    pair: (number) => [firsts[number]!, seconds[number]!],
  };
}

/** Mixes both numbers into all bits (the finalizer of MurmurHash3). */
function hash(first: number, second: number): number {
  let h = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * array.length);
  copy.set(array);
  return copy;
}
