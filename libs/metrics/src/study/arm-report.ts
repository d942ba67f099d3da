import type { BootstrapOptions } from '../bootstrap.ts';
import { partScores } from '../cross-validation-report.ts';
import type { PartScores } from '../cross-validation.ts';
import { curvesOf, type Curves } from '../curves.ts';
import { deviation } from '../simultaneous-test.ts';
import { armScores, measure, measureAgain, type ArmScores, type Measured } from './arm-scores.ts';
import { pooledArm } from './pooled-arm.ts';
import type { ArmFamily, StudyArm, StudyExample, StudyTraining } from './study-input.ts';

/** The scores of one training of an arm over all folds, at 0.5. */
export type TrainingScores = PartScores & { readonly seed: number };

/** The report on one arm. Top-level scores are those of all folds and seeds together, at 0.5. */
export interface ArmReport extends ArmScores {
  readonly name: string;
  readonly title: string;
  readonly family: ArmFamily;
  readonly hard: boolean;
  /** The same at the threshold that each fold tuned on its inner validation split. */
  readonly tuned: ArmScores;
  readonly seeds: readonly TrainingScores[];
  /** Standard deviation of macro-F1 between seeds: the effect of chance in training. Null with one seed. */
  readonly seedDeviation: number | null;
  /** Standard error of macro-F1 due to the sample of conversations (bootstrap). */
  readonly conversationDeviation: number;
  /** Number of answers that could not be read; they count as "no initiative". */
  readonly unparsable: number;
  /** Null if there are no probabilities. */
  readonly curves: Omit<Curves, 'thresholdSweep'> | null;
}

/** An arm with the draws that its contrasts need. */
export interface MeasuredArm {
  readonly arm: StudyArm;
  readonly report: ArmReport;
  readonly atHalf: Measured;
  readonly atTuned: Measured;
}

const curvePoints = 80;

/**
 * Measures one arm on shared resamples.
 * @throws AppError `METRICS_INPUT_INVALID`
 */
export function measureArm(
  arm: StudyArm,
  examples: readonly StudyExample[],
  bootstrap: BootstrapOptions,
): MeasuredArm {
  const { name, title, family, hard, trainings } = arm;
  const { scored, thresholds } = pooledArm(arm, examples);
  const atHalf = measure(scored, 0.5, { hard, bootstrap });
  const atTuned = thresholds.every((threshold) => threshold === 0.5)
    ? atHalf
    : measureAgain(atHalf, scored, { threshold: thresholds, bootstrap });
  const seeds = trainings.map((training) => trainingScores(training, examples, hard));
  return {
    arm,
    atHalf,
    atTuned,
    report: {
      name,
      title,
      family,
      hard,
      ...armScores(atHalf, scored, 0.5),
      tuned: armScores(atTuned, scored, thresholds),
      seeds,
      seedDeviation: seeds.length > 1 ? deviation(seeds.map(({ macroF1 }) => macroF1)) : null,
      conversationDeviation: deviation(atHalf.macroF1.draws),
      unparsable: trainings.reduce((sum, { unparsable = 0 }) => sum + unparsable, 0),
      curves: hard ? null : curvesWithoutSweep(curvesOf(scored, { maxPoints: curvePoints })),
    },
  };
}

function trainingScores(
  { seed, probabilities }: StudyTraining,
  examples: readonly StudyExample[],
  hard: boolean,
): TrainingScores {
  const scores = partScores({ labels: examples.map(({ label }) => label), probabilities });
  return { seed, ...scores, ...(hard && { auc: null }) };
}

/** Drops the threshold sweep: a threshold chosen on the reported examples is not a result of a study. */
function curvesWithoutSweep({ roc, precisionRecall, calibration }: Curves): Omit<Curves, 'thresholdSweep'> {
  return { roc, precisionRecall, calibration };
}
