import type { ScoredExamples } from '../scored-examples.ts';
import type { StudyArm, StudyExample } from './study-input.ts';

/** All that an arm said, training after training, with what was true. */
export interface PooledArm {
  readonly scored: Required<Pick<ScoredExamples, 'labels' | 'probabilities' | 'groups'>>;
  readonly thresholds: Float64Array;
}

/** The predictions of all trainings of an arm, one after the other. */
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
