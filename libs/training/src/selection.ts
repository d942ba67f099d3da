import type { SelectionMetric } from '@overture/training-settings';
import type { EpochRecord } from './training-progress.ts';

/** Metrics that can select an epoch; 1: higher is better, −1: lower is better. */
const directions: Readonly<Record<SelectionMetric, 1 | -1>> = {
  macroF1: 1,
  auc: 1,
  averagePrecision: 1,
  validLoss: -1,
};

/**
 * Whether an epoch is better than the previous best. Ties go to the lower loss. If the metric is missing, the
 * later epoch wins.
 */
export function isBetter(
  record: EpochRecord,
  best: EpochRecord | undefined,
  metric: SelectionMetric,
): boolean {
  const [now, before] = [record[metric], best?.[metric] ?? null];
  if (best === undefined || now === null || before === null) return true;
  if (now !== before) return directions[metric] * (now - before) > 0;
  return record.validLoss! < best.validLoss!;
}

/** Whether early stopping applies: `patience` epochs have passed since the best one. */
export function shouldStopEarly(
  { history, bestEpoch }: { readonly history: readonly EpochRecord[]; readonly bestEpoch: number },
  patience: number,
): boolean {
  return patience > 0 && history.length - bestEpoch >= patience;
}
