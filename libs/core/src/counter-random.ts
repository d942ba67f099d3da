import { AppError } from './app-error.ts';

/**
 * Counter-based random numbers: a pure function of (key, counter). The generator is Philox 2×32-10 (Salmon et
 * al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 3.3). It has no state to store, so a
 * resumed run draws the same numbers as an uninterrupted one.
 */
export interface CounterRandom {
  /** The 32-bit hash of the seed and the path. */
  readonly key: number;
  /** The i-th 32-bit unsigned integer of the stream; 0 ≤ i < 2^53. */
  uint32(i: number): number;
  /** The i-th number in [0, 1), with 32 random bits. */
  uniform(i: number): number;
  /** The i-th standard normal number (Box–Muller on draws 2i and 2i + 1). */
  normal(i: number): number;
  /** The i-th integer in [0, bound), by multiplication (bias below bound / 2^32). */
  below(i: number, bound: number): number;
}

/** The constants of Philox 2×32-10, for code that generates many numbers at once. */
export const philox = { multiplier: 0xd256d193, weyl: 0x9e3779b9, rounds: 10 } as const;

/**
 * Creates the random stream of a seed and a path, for example `counterRandom(seed, 'shuffle', epoch)`.
 * @throws AppError `SEED_INVALID` if the seed is not an integer from 0 to 2^53 - 1.
 */
export function counterRandom(seed: number, ...path: readonly (string | number)[]): CounterRandom {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new AppError('SEED_INVALID', `A seed must be an integer from 0 to 2^53 - 1. Got ${seed} instead.`, {
      details: { seed },
    });
  }
  const key = hashPath(seed, path);
  const uint32 = (i: number): number => draw(i >>> 0, Math.floor(i / 2 ** 32) >>> 0, key);
  const uniform = (i: number): number => uint32(i) / 2 ** 32;
  return {
    key,
    uint32,
    uniform,
    normal: (i) => Math.sqrt(-2 * Math.log(1 - uniform(2 * i))) * Math.cos(2 * Math.PI * uniform(2 * i + 1)),
    below: (i, bound) => Math.floor(uniform(i) * bound),
  };
}

/** Returns a shuffled copy (Fisher–Yates with the stream's numbers). */
export function shuffled<T>(items: readonly T[], random: CounterRandom): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i, i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}

function draw(low: number, high: number, key: number): number {
  const { multiplier, weyl, rounds } = philox;
  // A bootstrap draws many millions of numbers. 32-bit integers in plain variables are several times faster
  // than arrays and doubles.
  let left = low | 0;
  let right = high | 0;
  let k = key | 0;
  for (let round = 0; round < rounds; round++) {
    const next = highProduct(left, multiplier) ^ k ^ right;
    right = Math.imul(left, multiplier);
    left = next;
    k = (k + weyl) | 0;
  }
  return left >>> 0;
}

/**
 * The upper 32 bits of the 64-bit product of two unsigned 32-bit integers. Every partial sum stays below
 * 2^32.
 */
function highProduct(a: number, b: number): number {
  const aHigh = a >>> 16;
  const aLow = a & 0xffff;
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const middle = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16);
  const carry = (Math.imul(aLow, bHigh) >>> 0) + (middle & 0xffff);
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/**
 * FNV-1a over the seed and the parts of the path, with murmur3's finalizer. The separator distinguishes ('a',
 * 'b') from ('ab').
 */
function hashPath(seed: number, path: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}\u0000${path.join('\u0000')}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
