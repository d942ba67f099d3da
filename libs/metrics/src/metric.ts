import type { Decided, WeightedSample } from './weighted-sample.ts';

/** One number of a sample; null where it is undefined. */
export type Statistic<Sample = WeightedSample> = (sample: Sample) => number | null;

interface Named {
  readonly label: string;
  readonly better: 'higher' | 'lower';
}

/** A metric of decisions alone: whoever only says yes or no has it too. */
export interface DecisionMetric extends Named {
  readonly needs: 'decisions';
  readonly of: Statistic<Decided>;
}

/** A metric of probabilities. */
export interface ProbabilityMetric extends Named {
  readonly needs: 'probabilities';
  readonly of: Statistic;
}

/** A row of the table of metrics: how to compute it, what to call it, which way is good. */
export type Metric = DecisionMetric | ProbabilityMetric;
