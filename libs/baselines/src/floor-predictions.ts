import { AppError } from '@overture/core';
import type { Example, ExampleInput } from '@overture/dialogue';
import type { FloorPredictions } from '@overture/metrics';
import { baselineTable } from './baseline-table.ts';
import type { Baseline } from './baseline.ts';

/**
 * Every baseline fitted on `train` and asked about `examples`, ready for `evaluationReport({ floors })`.
 * @throws AppError `BASELINE_TRAIN_EMPTY`, `BASELINE_ONE_CLASS`, `BASELINE_NO_FEATURES`
 */
export function floorPredictions(
  train: readonly Example[], examples: readonly ExampleInput[], baselines: readonly Baseline[] = baselineTable,
): FloorPredictions[] {
  if (train.length === 0) {
    throw new AppError('BASELINE_TRAIN_EMPTY', 'Floors must be fitted on at least one training example. Got none: check that the corpus has a train split with labelled system turns.');
  }
  return baselines.map((baseline) => ({ name: baseline.name, title: baseline.title, probabilities: [...baseline.fit(train)(examples)] }));
}
