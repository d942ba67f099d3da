import type { EpochRecord } from './training-progress.ts';

/** By which an epoch can be chosen, and whether more of it is better. */
const directions = { macroF1: 1, auc: 1, averagePrecision: 1, validLoss: -1 } as const;

export type SelectionMetric = keyof typeof directions;
export const selectionMetrics = Object.keys(directions) as readonly SelectionMetric[];

/** Whether an epoch is better than the best before it; of equals, by the lower loss. Without the metric the later epoch is. */
export function isBetter(record: EpochRecord, best: EpochRecord | undefined, metric: SelectionMetric): boolean {
  const [now, before] = [record[metric], best?.[metric] ?? null];
  if (best === undefined || now === null || before === null) return true;
  if (now !== before) return directions[metric] * (now - before) > 0;
  return record.validLoss! < best.validLoss!;
}

/** Whether so many epochs have passed since the best one that training stops. */
export function isOutOfPatience({ history, bestEpoch }: { readonly history: readonly EpochRecord[]; readonly bestEpoch: number }, patience: number): boolean {
  return patience > 0 && history.length - bestEpoch >= patience;
}
