import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, counterRandom } from '@overture/core';

/** Range and duration of a fuzzing run, and where files are kept. */
export interface FuzzPlan {
  /** Determines the damage to the files. */
  readonly seed: number;
  readonly firstRound: number;
  /** Maximum number of damaged files of each kind. */
  readonly rounds: number;
  /** Time limit for each kind; undefined: no limit. */
  readonly milliseconds?: number;
  /**
   * Folder where the current file is written before it is read, so that it survives a crash or hang;
   * undefined: only files that failed are kept.
   */
  readonly current?: string;
  readonly found: string;
}

/**
 * Reads the plan from environment variables. OVERTURE_FUZZ: factor of the usual number of rounds.
 * OVERTURE_FUZZ_MINUTES: minutes for each kind instead. OVERTURE_FUZZ_SEED: the seed. OVERTURE_FUZZ_ROUND:
 * run only this round, as named in a failure. OVERTURE_FUZZ_FOLDER: folder for files that failed.
 * @throws AppError `FUZZ_PLAN_INVALID`
 */
export function fuzzPlan(env: NodeJS.ProcessEnv, usualRounds: number): FuzzPlan {
  const number = (name: string): number | undefined => {
    const text = env[`OVERTURE_FUZZ${name}`];
    if (text === undefined || text === '') return undefined;
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
    throw new AppError(
      'FUZZ_PLAN_INVALID',
      `OVERTURE_FUZZ${name} must be a number. Got ${JSON.stringify(text)} instead.`,
    );
  };
  const [times, minutes, round] = [number(''), number('_MINUTES'), number('_ROUND')];
  const folder = env['OVERTURE_FUZZ_FOLDER'] ?? join(tmpdir(), 'overture-fuzz');
  const long = times !== undefined || minutes !== undefined;
  const rounds =
    round !== undefined ? 1 : minutes === undefined ? Math.ceil(usualRounds * (times ?? 1)) : Infinity;
  return {
    seed: number('_SEED') ?? 1,
    firstRound: round ?? 0,
    rounds,
    milliseconds: minutes === undefined || round !== undefined ? undefined : minutes * 60_000,
    current: long ? folder : undefined,
    found: folder,
  };
}

type Draw = (below: number) => number;
type Mutation = (bytes: Uint8Array, draw: Draw) => Uint8Array;

/**
 * Typical corruption and manipulation of files. Positions near the beginning, where the headers are, are
 * drawn more often.
 */
const mutations: readonly Mutation[] = [
  (bytes, draw) =>
    edited(bytes, (copy) => {
      for (let k = 1 + draw(4); k > 0; k--) copy[place(copy, draw)] = draw(256);
    }),
  (bytes, draw) =>
    edited(bytes, (copy) => {
      copy[place(copy, draw)] ^= 1 << draw(8);
    }),
  (bytes, draw) => bytes.slice(0, draw(bytes.length)),
  (bytes, draw) =>
    edited(bytes, (copy) => {
      const from = place(copy, draw);
      copy.fill(draw(2) * 255, from, Math.min(copy.length, from + 1 + draw(16)));
    }),
  (bytes, draw) =>
    edited(bytes, (copy) =>
      copy.set(
        littleEndian(extremes[draw(extremes.length)]).subarray(0, copy.length),
        Math.max(0, Math.min(place(copy, draw), copy.length - 8)),
      ),
    ),
  (bytes, draw) => {
    const at = place(bytes, draw);
    return joined(bytes.subarray(0, at), bytes.subarray(at, at + draw(64)), bytes.subarray(at));
  },
  (bytes, draw) => {
    const at = place(bytes, draw);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + draw(64)));
  },
];
const extremes = [0n, 1n, 0x7fffffffn, 0xffffffffn, 0x100000000n, 2n ** 53n, 2n ** 62n, 2n ** 64n - 1n];

const littleEndian = (value: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(value).buffer);

const place = (bytes: Uint8Array, draw: Draw): number =>
  draw(draw(3) === 0 ? bytes.length : Math.min(bytes.length, 1024));
const edited = (bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array => {
  const copy = new Uint8Array(bytes);
  edit(copy);
  return copy;
};
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** Creates a damaged copy. The same file, name, seed, and round always produce the same bytes. */
export function damaged(
  file: Uint8Array,
  name: string,
  { seed, round }: { readonly seed: number; readonly round: number },
): Uint8Array {
  const random = counterRandom(seed, name, round);
  let drawn = 0;
  const draw: Draw = (below) => random.below(drawn++, Math.max(1, below));
  const once = mutations[draw(mutations.length)](file, draw);
  return draw(4) === 0 ? mutations[draw(mutations.length)](once, draw) : once;
}

/** Limits for reading damaged files. */
export interface FuzzLimits {
  /** Time limit for one file. */
  readonly milliseconds: number;
  /** Limit of memory growth, including garbage. */
  readonly bytes: number;
}

/** Number of damaged files that were read and that were rejected. */
export interface FuzzOutcome {
  readonly read: number;
  readonly refused: number;
}

/**
 * Reads damaged files. Each must be read successfully or rejected with a short AppError that is not
 * retryable, within the limits.
 * @throws Error with the seed, the round, and the path of the kept file
 */
export function fuzz(
  file: Uint8Array,
  name: string,
  {
    plan,
    limits,
    read,
  }: { readonly plan: FuzzPlan; readonly limits: FuzzLimits; readonly read: (bytes: Uint8Array) => unknown },
): FuzzOutcome {
  const outcome = { read: 0, refused: 0 };
  const memory = process.memoryUsage().rss;
  const start = performance.now();
  const current = plan.current === undefined ? undefined : join(plan.current, `${name}.current`);
  if (current !== undefined) mkdirSync(plan.current!, { recursive: true });
  const end = plan.firstRound + plan.rounds;
  for (
    let round = plan.firstRound;
    round < end && performance.now() - start < (plan.milliseconds ?? Infinity);
    round++
  ) {
    const bytes = damaged(file, name, { seed: plan.seed, round });
    if (current !== undefined) writeFileSync(current, bytes);
    const begun = performance.now();
    const problem = problemOf(bytes, read, outcome);
    const took = performance.now() - begun;
    const slow = took > limits.milliseconds ? `it took ${took.toFixed(0)} ms` : undefined;
    const large =
      round % 256 === 0 && process.memoryUsage().rss - memory > limits.bytes
        ? `memory grew by ${process.memoryUsage().rss - memory} bytes`
        : undefined;
    const failed = problem ?? slow ?? large;
    if (failed !== undefined)
      throw new Error(
        `${name}, round ${round}: ${failed}\nThe file is kept as ${keep(bytes, name, { plan, round })}. Again: OVERTURE_FUZZ_SEED=${plan.seed} OVERTURE_FUZZ_ROUND=${round}`,
      );
  }
  if (current !== undefined) rmSync(current, { force: true });
  return outcome;
}

function problemOf(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  outcome: { read: number; refused: number },
): string | undefined {
  try {
    read(bytes);
    outcome.read++;
    return undefined;
  } catch (thrown) {
    outcome.refused++;
    if (!(thrown instanceof AppError)) return String((thrown as Error).stack);
    if (thrown.retryable) return `it was refused as if trying again could help: ${thrown.message}`;
    return thrown.message.length < 4000 ? undefined : `its message has ${thrown.message.length} characters`;
  }
}

function keep(
  bytes: Uint8Array,
  name: string,
  { plan, round }: { readonly plan: FuzzPlan; readonly round: number },
): string {
  const path = join(plan.found, `${name.replaceAll(' ', '-')}-seed-${plan.seed}-round-${round}`);
  mkdirSync(plan.found, { recursive: true });
  writeFileSync(path, bytes);
  return path;
}
