import type { Metric } from './metric.ts';
import { accuracy } from './metrics/accuracy.ts';
import { auc } from './metrics/auc.ts';
import { averagePrecision } from './metrics/average-precision.ts';
import { balancedAccuracy } from './metrics/balanced-accuracy.ts';
import { brier } from './metrics/brier.ts';
import { ece } from './metrics/ece.ts';
import { macroF1 } from './metrics/macro-f1.ts';
import { mcc } from './metrics/mcc.ts';

/** Every metric of a report, in display order. To add one: a file in `metrics/` and a row here. */
export const metricTable = {
  macroF1,
  accuracy,
  balancedAccuracy,
  auc,
  averagePrecision,
  mcc,
  brier,
  ece,
} as const satisfies Record<string, Metric>;

/** The name of a metric. */
export type MetricName = keyof typeof metricTable;

/** The names of all metrics, in display order. */
export const metricNames = Object.keys(metricTable) as readonly MetricName[];

/** The names of the metrics that need only decisions. */
export type DecisionMetricName = {
  [Name in MetricName]: (typeof metricTable)[Name]['needs'] extends 'decisions' ? Name : never;
}[MetricName];
