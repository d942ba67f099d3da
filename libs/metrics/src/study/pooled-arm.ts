import type { ScoredExamples } from '../scored-examples.ts';
import type { StudyArm, StudyExample } from './study-input.ts';

/** All predictions of an arm, training after training, with the true labels. */
export interface PooledArm {
  readonly scored: Required<Pick<ScoredExamples, 'labels' | 'probabilities' | 'groups'>>;
  readonly thresholds: Float64Array;
}

/** Pools the predictions of all trainings of an arm. */
export function pooledArm({ trainings }: StudyArm, examples: readonly StudyExample[]): PooledArm {
  return {
    scored: {
      labels: trainings.flatMap(() => examples.map(({ label }) => label)),
      probabilities: trainings.flatMap(({ probabilities }) => Array.from(probabilities)),
      groups: trainings.flatMap(() => examples.map(({ conversation }) => conversation)),
    },
    thresholds: Float64Array.from(trainings.flatMap(({ thresholds }) => Array.from(thresholds))),
  };
}
