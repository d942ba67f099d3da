import { AppError } from '@overture/core';
import type { Example, ExampleInput } from '@overture/dialogue';
import type { BaselinePredictions } from '@overture/metrics';
import { baselineTable } from './baseline-table.ts';
import type { Baseline } from './baseline.ts';

/** Which baselines to fit, and a progress callback. */
export interface BaselinePredictionsOptions {
  /** Default `baselineTable`. */
  readonly baselines?: readonly Baseline[];
  /** Called with the baseline being fitted and the completed share of all fits, 0 to 1. */
  readonly onProgress?: (title: string, share: number) => void;
}

/**
 * Fits every baseline on `train` and predicts `examples`, as input for `evaluationReport({ floors })`.
 * @throws AppError `BASELINE_TRAIN_EMPTY`, `BASELINE_ONE_CLASS`, `BASELINE_NO_FEATURES`,
 * `BASELINE_NOT_CONVERGED`
 */
export function baselinePredictions(
  train: readonly Example[],
  examples: readonly ExampleInput[],
  { baselines = baselineTable, onProgress }: BaselinePredictionsOptions = {},
): BaselinePredictions[] {
  if (train.length === 0) {
    throw new AppError(
      'BASELINE_TRAIN_EMPTY',
      'Baselines must be fitted on at least one training example. Got none: check that the corpus has a train split with labeled system turns.',
    );
  }
  return baselines.map(({ name, title, ...baseline }, i) => {
    const progress = (share: number): void => onProgress?.(title, (i + share) / baselines.length);
    progress(0);
    return { name, title, probabilities: [...baseline.fit(train, progress)(examples)] };
  });
}
