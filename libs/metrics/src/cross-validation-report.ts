import type { BootstrapOptions } from './bootstrap.ts';
import { evaluateScores } from './evaluate-scores.ts';
import { measuredReport, type EvaluationReport, type BaselinePredictions } from './evaluation-report.ts';
import { mcnemar } from './mcnemar.ts';
import { testedDifference } from './paired-test.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { decisionsOf } from './weighted-sample.ts';
import type { PartScores, CrossValidation } from './cross-validation.ts';

/** An out-of-fold prediction, with the training that made it. */
export interface OutOfFoldPrediction {
  readonly conversation: string;
  /** 0-based ordinal of the system turn. */
  readonly turn: number;
  readonly label: 0 | 1;
  /** P(initiative). */
  readonly probability: number;
  /** Tuned on the inner validation split of the fold. */
  readonly threshold: number;
  /** 0-based fold in which the example is evaluated. */
  readonly fold: number;
  /** The seed of the training. */
  readonly seed: number;
}

/** A report on out-of-fold predictions of many models. Its scores are those of all predictions pooled. */
export interface CrossValidationReport extends EvaluationReport {
  readonly crossValidation: CrossValidation;
}

/** The input of a cross-validation report. */
export interface CrossValidationInput extends Pick<
  EvaluationReport,
  'corpus' | 'protocol' | 'tagSet' | 'provenance'
> {
  /** The predictions of all folds and seeds, concatenated. */
  readonly predictions: readonly OutOfFoldPrediction[];
  /** Baselines fitted on the same folds, with their predictions in the same order. */
  readonly floors: readonly BaselinePredictions[];
}

/**
 * The pooled report of a cross-validation. Conversations are resampled with all their examples under all
 * seeds, so that neither the turns of a conversation nor repeated trainings count as independent.
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function crossValidationReport(
  { predictions, floors: baselines, ...about }: CrossValidationInput,
  bootstrap: BootstrapOptions = {},
): CrossValidationReport {
  const scored = {
    labels: predictions.map(({ label }) => label),
    groups: predictions.map(({ conversation }) => conversation),
  };
  const probabilities = predictions.map(({ probability }) => probability);
  const thresholds = predictions.map(({ threshold }) => threshold);
  const {
    report,
    draws,
    baselineDraws: baselineDraws,
  } = measuredReport(
    {
      ...about,
      ...scored,
      probabilities,
      floors: baselines,
      split: 'out of fold',
      alsoUsedFor: [],
      systemTurns: predictions.map(({ turn }) => turn),
      threshold: {
        value: thresholds.reduce((sum, each) => sum + each, 0) / thresholds.length,
        tunedOn: "each fold's inner validation (mean)",
        each: thresholds,
      },
    },
    bootstrap,
  );
  const seeds = [...new Set(predictions.map(({ seed }) => seed))];
  const bySeed = seeds.map((seed) => ({
    seed,
    indices: indicesWhere(predictions, (each) => each.seed === seed),
  }));
  const crossValidation: CrossValidation = {
    seeds: bySeed.map(({ seed, indices }) => ({ seed, ...partScores(scoredOf(pick(predictions, indices))) })),
    folds: bySeed.flatMap(({ seed, indices }) => {
      const ofSeed = pick(predictions, indices);
      return [...new Set(ofSeed.map(({ fold }) => fold))]
        .sort((a, b) => a - b)
        .map((fold) => {
          const part = ofSeed.filter((each) => each.fold === fold);
          return { seed, fold, threshold: part[0]!.threshold, ...partScores(scoredOf(part)) };
        });
    }),
    tests: baselines.map(({ name, title = name, probabilities: said }, i) => ({
      name,
      title,
      macroF1: testedDifference(
        { value: report.macroF1, draws: draws.macroF1 },
        { value: report.floors[i]!.macroF1, draws: baselineDraws[i]!.macroF1 },
      ),
      auc: testedDifference(
        { value: report.auc, draws: draws.auc },
        { value: report.floors[i]!.auc, draws: baselineDraws[i]!.auc },
      ),
      mcnemar: bySeed.map(({ seed, indices }) => ({
        seed,
        ...mcnemar(
          pick(scored.labels, indices),
          decisionsOf(pick(probabilities, indices)),
          decisionsOf(indices.map((i) => said[i])),
        ),
      })),
    })),
  };
  return { ...report, crossValidation };
}

/** The scores of one part of the examples at 0.5, without intervals. */
export function partScores(part: ScoredExamples): PartScores {
  const { n, macroF1, auc, balancedAccuracy, perClass } = evaluateScores(part, { bootstrap: false });
  return { n, macroF1, auc, balancedAccuracy, initiativeRecall: perClass.initiative.recall };
}

function scoredOf(part: readonly OutOfFoldPrediction[]): ScoredExamples {
  return {
    labels: part.map(({ label }) => label),
    probabilities: part.map(({ probability }) => probability),
  };
}

function indicesWhere<T>(items: readonly T[], holds: (item: T) => boolean): number[] {
  return items.flatMap((item, i) => (holds(item) ? [i] : []));
}

function pick<T>(items: readonly T[], indices: readonly number[]): T[] {
  return indices.map((i) => items[i]);
}
