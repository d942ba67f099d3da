/** A word and its current pieces. */
export interface SpelledWord {
  pieces: string[];
  readonly count: number;
}

interface Pair {
  readonly left: string;
  readonly right: string;
  count: number;
  /** Indices of words that have this pair or had it before. */
  readonly words: Set<number>;
}

interface Entry {
  readonly count: number;
  readonly key: string;
}

/**
 * Priority queue of adjacent pieces in a list of words, by frequency, updated as pairs are merged. The heap
 * contains stale entries; an entry whose count is outdated is dropped when it reaches the top.
 */
export class PairQueue {
  readonly #words: SpelledWord[];
  readonly #pairs = new Map<string, Pair>();
  readonly #heap: Entry[] = [];

  /** @param words whose pieces `merge` modifies */
  constructor(words: SpelledWord[]) {
    this.#words = words;
    words.forEach((word, i) => this.#count(word, i, 1));
    for (const [key, { count }] of this.#pairs) this.#push({ count, key });
  }

  /** Removes and returns the most frequent pair that occurs at least twice. */
  takeBest(): [left: string, right: string] | undefined {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      const pair = this.#pairs.get(entry.key);
      if (pair?.count === entry.count && entry.count >= 2) return [pair.left, pair.right];
    }
    return undefined;
  }

  /** Replaces a pair by its merged piece in all words and updates the counts. */
  merge(left: string, right: string, merged: string): void {
    const key = keyOf(left, right);
    const changed = new Set<string>();
    for (const i of this.#pairs.get(key)?.words ?? []) {
      const word = this.#words[i]!;
      for (const touched of this.#count(word, i, -1)) changed.add(touched);
      word.pieces = mergePieces(word.pieces, left, right, merged);
      for (const touched of this.#count(word, i, 1)) changed.add(touched);
    }
    this.#pairs.delete(key);
    for (const touched of changed) {
      const pair = this.#pairs.get(touched);
      if (pair && pair.count > 0) this.#push({ count: pair.count, key: touched });
      else this.#pairs.delete(touched);
    }
  }

  #count(word: SpelledWord, index: number, sign: 1 | -1): string[] {
    const keys: string[] = [];
    for (let i = 1; i < word.pieces.length; i++) {
      const [left, right] = [word.pieces[i - 1]!, word.pieces[i]!];
      const key = keyOf(left, right);
      let pair = this.#pairs.get(key);
      if (!pair) this.#pairs.set(key, (pair = { left, right, count: 0, words: new Set() }));
      pair.count += sign * word.count;
      if (sign > 0) pair.words.add(index);
      keys.push(key);
    }
    return keys;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let i = 0;
    for (;;) {
      const child =
        2 * i + 2 < heap.length && before(heap[2 * i + 2]!, heap[2 * i + 1]!) ? 2 * i + 2 : 2 * i + 1;
      if (child >= heap.length || !before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.count > b.count || (a.count === b.count && a.key < b.key);
}

function keyOf(left: string, right: string): string {
  return `${left}\u0000${right}`;
}

function mergePieces(pieces: readonly string[], left: string, right: string, merged: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < pieces.length; i++) {
    const matches = pieces[i] === left && pieces[i + 1] === right;
    result.push(matches ? merged : pieces[i]!);
    if (matches) i++;
  }
  return result;
}
