import { counterRandom } from '@overture/core';
import type { Statistic } from './metric.ts';
import type { SampleWeigher } from './weighted-sample.ts';

/** Lower and upper end. */
export type Interval = readonly [low: number, high: number];

export interface BootstrapOptions {
  /** Default 2,000. */
  readonly samples?: number;
  /** Default 0. The same seed over the same conversations draws the same resamples, whatever the model. */
  readonly seed?: number;
}

export const defaultBootstrap = { samples: 2000, seed: 0 } as const;

/**
 * 95 % percentile intervals by resampling conversations (groups) with replacement (Efron & Tibshirani 1993, chapter 13).
 * Resamples on which a statistic is undefined are left out of its interval; null if that is half of them or more.
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function bootstrapIntervals<Name extends string>(
  weigher: SampleWeigher, statistics: Readonly<Record<Name, Statistic>>, options: BootstrapOptions = {},
): Record<Name, Interval | null> {
  const names = Object.keys(statistics) as Name[];
  const draws = names.map(() => [] as number[]);
  const samples = options.samples ?? defaultBootstrap.samples;
  for (const counts of resampledGroups(weigher.groupCount, options)) {
    const sample = weigher.resample(counts);
    names.forEach((name, k) => {
      const value = statistics[name](sample);
      if (isDefined(value)) draws[k].push(value);
    });
  }
  return Object.fromEntries(names.map((name, k) => [name, percentileInterval(draws[k], samples)])) as Record<Name, Interval | null>;
}

/** A difference between two models on the same examples, with its interval. */
export interface Difference {
  readonly value: number | null;
  readonly ci95: Interval | null;
}

/**
 * Statistic of `a` minus that of `b`, both on the same resamples (paired bootstrap): much sharper than comparing two
 * intervals, because a hard conversation is hard for both. `a` and `b` are about the same examples in the same order.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function bootstrapDifference(a: SampleWeigher, b: SampleWeigher, statistic: Statistic, options: BootstrapOptions = {}): Difference {
  const minus = (left: number | null, right: number | null): number | null => (left === null || right === null ? null : left - right);
  const draws: number[] = [];
  for (const counts of resampledGroups(a.groupCount, options)) {
    const value = minus(statistic(a.resample(counts)), statistic(b.resample(counts)));
    if (isDefined(value)) draws.push(value);
  }
  const samples = options.samples ?? defaultBootstrap.samples;
  return { value: minus(statistic(a.original), statistic(b.original)), ci95: percentileInterval(draws, samples) };
}

/** How often each group is drawn, resample after resample; one buffer, overwritten. */
function* resampledGroups(groupCount: number, options: BootstrapOptions): Generator<Float64Array> {
  const { samples = defaultBootstrap.samples, seed = defaultBootstrap.seed } = options;
  const random = counterRandom(seed, 'bootstrap');
  const counts = new Float64Array(groupCount);
  for (let sample = 0; sample < samples; sample++) {
    counts.fill(0);
    for (let draw = 0; draw < groupCount; draw++) counts[random.below(sample * groupCount + draw, groupCount)]++;
    yield counts;
  }
}

/** NaN comes of resamples in which every weight is 0. */
function isDefined(value: number | null): value is number {
  return value !== null && !Number.isNaN(value);
}

function percentileInterval(draws: readonly number[], samples: number): Interval | null {
  if (draws.length * 2 <= samples) return null;
  const sorted = Float64Array.from(draws).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Linear interpolation between order statistics, NumPy's default. */
export function quantile(sorted: Float64Array, q: number): number {
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}
