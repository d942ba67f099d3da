import type { ScheduleName } from '@overture/training-settings';

/** Factors of the peak learning rate after warm-up, by the remaining fraction of the steps (1 to over 0). */
const schedules = {
  linear: (left: number): number => left,
  cosine: (left: number): number => (1 + Math.cos(Math.PI * (1 - left))) / 2,
  constant: (): number => 1,
} as const satisfies Readonly<Record<ScheduleName, (left: number) => number>>;

/**
 * Learning rate at a depth, relative to the top layer's: one factor `layerDecay` per layer in between.
 * Source: discriminative fine-tuning, Howard & Ruder 2018, arXiv:1801.06146, section 3.2, which divides by
 * 2.6.
 * @param depth 0: embeddings; 1 to `layers`: the layers; above: the head
 */
export function layerRate(depth: number, layers: number, layerDecay: number): number {
  return layerDecay ** Math.max(0, layers - depth);
}

/** A learning-rate schedule over a number of steps. */
export interface Schedule {
  readonly schedule: ScheduleName;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/**
 * Linear warm-up from 0 to 1, then the schedule, as in transformers' get_linear_, get_cosine_ and
 * get_constant_schedule_with_warmup.
 * @param step counted from 0
 * @returns the factor of the peak learning rate
 */
export function rateFactor(step: number, { schedule, warmupSteps, totalSteps }: Schedule): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  return schedules[schedule](Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)));
}
