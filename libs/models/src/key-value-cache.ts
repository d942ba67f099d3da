import type { Graph } from '@overture/graph';
import { float32, int64, type Tensor } from '@overture/tensors';
import { cachedInputs, cachedOutputs } from './cached-layout.ts';
import { hiddenScore } from './later-keys.ts';

/** Dimensions of one token's keys and values. */
export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  readonly width: number;
}

/** Keys and values of the common prefix of a batch. */
export interface SharedKeyValues {
  /** In tokens. */
  readonly length: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

type Tensors = Readonly<Record<string, Tensor>>;

/** Reads the cache dimensions from a graph with a `cachedLayout`. */
export function cacheShapeOf({ inputs, types }: Graph): CacheShape {
  const names = new Set(inputs.map(({ name }) => name));
  let layers = 0;
  while (names.has(cachedInputs.ownKeys(layers))) layers++;
  const [keyValueHeads, , , width] = types.get(cachedInputs.ownKeys(0))!.shape as readonly number[];
  return { layers, keyValueHeads, width };
}

/** Bytes of keys and values per token. */
export function cacheBytesPerToken({ layers, keyValueHeads, width }: CacheShape): number {
  return layers * 2 * keyValueHeads * width * Float32Array.BYTES_PER_ELEMENT;
}

/** The shared part for a batch without a common prefix. */
export function nothingShared({ layers, keyValueHeads, width }: CacheShape): SharedKeyValues {
  const row = float32([keyValueHeads, 1, width]);
  return { length: 0, feeds: sharedFeeds(layers, () => row, hiddenScore) };
}

function sharedFeeds(
  layers: number,
  of: (layer: number, what: 'keys' | 'values') => Tensor,
  bias: number,
): Tensors {
  const feeds: Record<string, Tensor> = { [cachedInputs.sharedBias]: float32([], [bias]) };
  for (let layer = 0; layer < layers; layer++) {
    feeds[cachedInputs.sharedKeys(layer)] = of(layer, 'keys');
    feeds[cachedInputs.sharedValues(layer)] = of(layer, 'values');
  }
  return feeds;
}

const growth = 32; // tokens: memory grows in steps of this size, because growing copies

/** Each sequence's own keys and values. New ones are written in place. */
export class OwnKeyValues {
  readonly #shape: CacheShape;
  #lengths: number[];
  #capacity = 1; // a graph needs at least one row, even if it is masked
  /** [keyValueHeads, batch, capacity, width] each; keys and values alternate. */
  #blocks: Float32Array[];

  constructor(shape: CacheShape, batch: number) {
    this.#shape = shape;
    this.#lengths = Array.from({ length: batch }, () => 0);
    this.#blocks = Array.from(
      { length: 2 * shape.layers },
      () => new Float32Array(shape.keyValueHeads * batch * shape.width),
    );
  }

  /** Number of tokens of each sequence. */
  get lengths(): readonly number[] {
    return this.#lengths;
  }

  /** Keys and values as inputs of a graph with a `cachedLayout`. */
  feeds(): Record<string, Tensor> {
    const { layers, keyValueHeads, width } = this.#shape;
    const batch = this.#lengths.length;
    const bias = new Float32Array(batch * this.#capacity);
    this.#lengths.forEach((length, row) =>
      bias.fill(hiddenScore, row * this.#capacity + length, (row + 1) * this.#capacity),
    );
    const feeds: Record<string, Tensor> = {
      [cachedInputs.ownBias]: float32([batch, 1, this.#capacity], bias),
    };
    const shape = [keyValueHeads, batch, this.#capacity, width];
    for (let layer = 0; layer < layers; layer++) {
      feeds[cachedInputs.ownKeys(layer)] = float32(shape, this.#blocks[2 * layer]);
      feeds[cachedInputs.ownValues(layer)] = float32(shape, this.#blocks[2 * layer + 1]);
    }
    return feeds;
  }

  /** Appends a run's outputs for the first `counts[row]` new tokens of every sequence. */
  append(outputs: Tensors, counts: readonly number[]): void {
    const needed = Math.max(...this.#lengths.map((length, row) => length + counts[row]));
    if (needed > this.#capacity)
      this.#take(
        this,
        this.#lengths.map((_, row) => row),
        Math.ceil(needed / growth) * growth,
      );
    const { keyValueHeads, layers, width } = this.#shape;
    const batch = this.#lengths.length;
    for (let layer = 0; layer < layers; layer++) {
      [cachedOutputs.keys(layer), cachedOutputs.values(layer)].forEach((name, which) => {
        const { shape, data } = outputs[name];
        const [from, to, length] = [data as Float32Array, this.#blocks[2 * layer + which], shape[2]];
        for (let line = 0; line < keyValueHeads * batch; line++) {
          const row = line % batch;
          to.set(
            from.subarray(line * length * width, (line * length + counts[row]) * width),
            (line * this.#capacity + this.#lengths[row]) * width,
          );
        }
      });
    }
    this.#lengths = this.#lengths.map((length, row) => length + counts[row]);
  }

  /** Copies some sequences, in this order. */
  of(rows: readonly number[]): OwnKeyValues {
    const copy = new OwnKeyValues(this.#shape, rows.length);
    copy.#take(this, rows, this.#capacity);
    return copy;
  }

  /** Combines the sequences of several caches, in order. */
  static joined(parts: readonly OwnKeyValues[]): OwnKeyValues {
    const [first] = parts;
    if (parts.length === 1) return first;
    const capacity = Math.max(...parts.map((part) => part.#capacity));
    const lengths = parts.flatMap((part) => part.#lengths);
    const joined = new OwnKeyValues(first.#shape, lengths.length);
    const { keyValueHeads, width } = first.#shape;
    const blocks = first.#blocks.map(
      () => new Float32Array(keyValueHeads * lengths.length * capacity * width),
    );
    let row = 0;
    for (const part of parts) {
      const batch = part.#lengths.length;
      part.#blocks.forEach((from, i) => {
        for (let line = 0; line < keyValueHeads * batch; line++) {
          const [start, to] = [
            line * part.#capacity * width,
            (Math.floor(line / batch) * lengths.length + row + (line % batch)) * capacity * width,
          ];
          blocks[i].set(from.subarray(start, start + part.#lengths[line % batch] * width), to);
        }
      });
      row += batch;
    }
    joined.#blocks = blocks;
    joined.#lengths = lengths;
    joined.#capacity = capacity;
    return joined;
  }

  /** Returns the keys and values of the batch's only sequence as a shared prefix. */
  shared(): SharedKeyValues {
    const { keyValueHeads, layers, width } = this.#shape;
    const [length] = this.#lengths;
    this.#take(this, [0], length);
    const blocks = this.#blocks;
    return {
      length,
      feeds: sharedFeeds(
        layers,
        (layer, what) =>
          float32([keyValueHeads, length, width], blocks[2 * layer + Number(what === 'values')]),
        0,
      ),
    };
  }

  /**
   * Replaces the contents with these sequences of a cache (possibly itself), with capacity for `capacity`
   * tokens each.
   */
  #take(source: OwnKeyValues, rows: readonly number[], capacity: number): void {
    const { keyValueHeads, width } = this.#shape;
    const [batch, lengths, room] = [source.#lengths.length, source.#lengths, source.#capacity];
    this.#blocks = source.#blocks.map((from) => {
      const to = new Float32Array(keyValueHeads * rows.length * capacity * width);
      for (let head = 0; head < keyValueHeads; head++) {
        rows.forEach((row, at) => {
          const start = (head * batch + row) * room * width;
          to.set(
            from.subarray(start, start + lengths[row] * width),
            (head * rows.length + at) * capacity * width,
          );
        });
      }
      return to;
    });
    this.#lengths = rows.map((row) => lengths[row]);
    this.#capacity = capacity;
  }
}

/** New tokens of a batch. */
export interface Step {
  /** Token ids of each sequence; at least one. */
  readonly sequences: readonly ArrayLike<number>[];
  /** Number of tokens before them, including shared ones. */
  readonly starts: readonly number[];
  /** Tokens whose successor is predicted, numbered across the batch. */
  readonly chosen: readonly number[];
}

/** Feeds for a graph with a `cachedLayout`: the new tokens and their positions. */
export function stepFeeds({ sequences, starts, chosen }: Step): Record<string, Tensor> {
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const shape = [sequences.length, length];
  const [table, positions] = [
    new BigInt64Array(sequences.length * length),
    new BigInt64Array(sequences.length * length),
  ];
  const [ids, places]: [number[], number[]] = [[], []];
  sequences.forEach((sequence, row) => {
    for (let column = 0; column < sequence.length; column++) {
      const place = row * length + column;
      table[place] = BigInt(ids.length);
      positions[place] = BigInt(starts[row] + column);
      ids.push(sequence[column]);
      places.push(place);
    }
  });
  return {
    [cachedInputs.ids]: int64([ids.length], ids),
    [cachedInputs.table]: int64(shape, table),
    [cachedInputs.positions]: int64(shape, positions),
    [cachedInputs.places]: int64([places.length], places),
    [cachedInputs.chosen]: int64([chosen.length], chosen),
  };
}
