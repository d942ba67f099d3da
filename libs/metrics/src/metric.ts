import type { WeightedSample } from './weighted-sample.ts';

/** One number of a sample; null where it is undefined. */
export type Statistic = (sample: WeightedSample) => number | null;

/** A row of the table of metrics: how to compute it, what to call it, which way is good. */
export interface Metric {
  readonly label: string;
  readonly better: 'higher' | 'lower';
  readonly of: Statistic;
}
