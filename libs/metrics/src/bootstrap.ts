import { AppError, counterRandom } from '@overture/core';
import type { Statistic } from './metric.ts';
import type { Resampler } from './weighted-sample.ts';

/** Lower and upper bound. */
export type Interval = readonly [low: number, high: number];

/** Options of the bootstrap over conversations. */
export interface BootstrapOptions {
  /** Default 2,000. */
  readonly samples?: number;
  /** Default 0. The same seed and conversations produce the same resamples, whatever the model. */
  readonly seed?: number;
  /**
   * Precomputed resamples, to be shared by several models; drawing takes longer than weighting. They replace
   * `samples` and `seed`.
   */
  readonly resamples?: Resamples;
  /** Called from time to time with the number of measured resamples and the total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The number of times each group is drawn, for each resample. */
export type Resamples = readonly Uint16Array[];

/** The default number of resamples and the default seed. */
export const defaultBootstrap = { samples: 2000, seed: 0 } as const;

/** Values of each statistic, one per resample; NaN if undefined. */
export type BootstrapDraws<Name extends string> = Readonly<Record<Name, Float64Array>>;

/**
 * Statistics of resampled conversations: each resample draws as many groups as there are, with replacement
 * (Efron & Tibshirani 1993, chapter 13). Draws of two models over the same groups with the same seed are
 * paired, resample by resample.
 * @throws AppError `SEED_INVALID`
 */
export function bootstrapDraws<Name extends string, Sample>(
  weigher: Resampler<Sample>,
  statistics: Readonly<Record<Name, Statistic<Sample>>>,
  options: BootstrapOptions = {},
): BootstrapDraws<Name> {
  return jointDraws([weigher], statistics, options)[0]!;
}

/**
 * The draws of several models over the same groups, each as `bootstrapDraws` returns them. Drawing takes
 * longer than weighting, so each resample is drawn once for all models and then discarded.
 * @throws AppError `SEED_INVALID`, `METRICS_INPUT_INVALID`
 */
export function jointDraws<Name extends string, Sample>(
  weighers: readonly Resampler<Sample>[],
  statistics: Readonly<Record<Name, Statistic<Sample>>>,
  options: BootstrapOptions = {},
): BootstrapDraws<Name>[] {
  const names = Object.keys(statistics) as Name[];
  const { resamples, onProgress } = options;
  const groupCount = weighers[0]?.groupCount ?? 0;
  if (resamples?.some(({ length }) => length !== groupCount)) {
    throw new AppError(
      'METRICS_INPUT_INVALID',
      `Resamples must be of as many conversations as the examples have (${groupCount}). Got some of ${resamples[0]?.length} instead.`,
    );
  }
  const total = resamples?.length ?? options.samples ?? defaultBootstrap.samples;
  const draws = weighers.map(() => names.map(() => new Float64Array(total)));
  let resample = 0;
  for (const counts of resamples ?? resampledGroups(groupCount, options)) {
    weighers.forEach((weigher, w) => {
      const sample = weigher.resample(counts);
      names.forEach((name, k) => {
        draws[w]![k]![resample] = statistics[name](sample) ?? NaN;
      });
    });
    if (++resample % progressEvery === 0) onProgress?.(resample, total);
  }
  return draws.map(
    (each) => Object.fromEntries(names.map((name, k) => [name, each[k]])) as BootstrapDraws<Name>,
  );
}

const progressEvery = 20; // resamples

/**
 * Resamples of a number of groups, to be shared as `resamples`. They are those that would otherwise be drawn.
 */
export function drawResamples(
  groupCount: number,
  options: Omit<BootstrapOptions, 'resamples'> = {},
): Resamples {
  return Array.from(resampledGroups(groupCount, options), (counts) => Uint16Array.from(counts));
}

/**
 * The 95 % percentile interval of draws. Resamples with an undefined statistic are left out. Null if they are
 * half of all or more.
 */
export function percentileInterval(draws: Float64Array): Interval | null {
  const defined = draws.filter((value) => !Number.isNaN(value)).sort();
  if (defined.length * 2 <= draws.length) return null;
  return [quantile(defined, 0.025), quantile(defined, 0.975)];
}

/** The difference between two models on the same examples, with its interval; null if undefined. */
export interface Difference {
  readonly value: number | null;
  readonly ci95: Interval | null;
}

/**
 * Paired bootstrap: the interval of a − b from paired draws. Much narrower than a comparison of two
 * intervals, because a hard conversation is hard for both models.
 */
export function pairedDifference(
  a: { value: number | null; draws: Float64Array },
  b: { value: number | null; draws: Float64Array },
): Difference {
  if (a.value === null || b.value === null) return { value: null, ci95: null };
  return { value: a.value - b.value, ci95: percentileInterval(a.draws.map((draw, i) => draw - b.draws[i])) };
}

/** The number of times each group is drawn, resample after resample; one buffer, overwritten. */
function* resampledGroups(groupCount: number, options: BootstrapOptions): Generator<Float64Array> {
  const { samples = defaultBootstrap.samples, seed = defaultBootstrap.seed } = options;
  const random = counterRandom(seed, 'bootstrap');
  const counts = new Float64Array(groupCount);
  for (let sample = 0; sample < samples; sample++) {
    counts.fill(0);
    for (let draw = 0; draw < groupCount; draw++)
      counts[random.below(sample * groupCount + draw, groupCount)]++;
    yield counts;
  }
}

/** Linear interpolation between order statistics, NumPy's default. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}
