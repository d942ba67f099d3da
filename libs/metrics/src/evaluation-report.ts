import { AppError } from '@overture/core';
import {
  bootstrapDraws,
  defaultBootstrap,
  pairedDifference,
  type BootstrapOptions,
  type Difference,
} from './bootstrap.ts';
import type { CrossValidation } from './cross-validation.ts';
import { curvesOf, type Curves } from './curves.ts';
import { decisionStatistics, drawScores, scoresOf, type ScoreDraws, type Scores } from './evaluate-scores.ts';
import { metricNames, type MetricName } from './metric-table.ts';
import type { ScoredExamples } from './scored-examples.ts';
import { slicesBy, turnSliceName, type SliceScores } from './slices.ts';
import { decisionWeigher, sampleWeigher } from './weighted-sample.ts';

/** A baseline's predictions for the reported examples, in their order. */
export interface BaselinePredictions {
  readonly name: string;
  /** The displayed title. Default: the name. */
  readonly title?: string;
  readonly probabilities: ArrayLike<number>;
}

/** A baseline's scores at 0.5, and the model's margin over it (also at 0.5) on the same resamples. */
export interface BaselineScores extends Scores {
  readonly name: string;
  readonly title: string;
  /** Model minus baseline. */
  readonly margin: Readonly<Record<MetricName, Difference>>;
}

/** Choices of the model that may have been made on the reported split, which makes its scores optimistic. */
export type ModelChoice = 'checkpoint' | 'threshold' | 'temperature';

/** The scores at a threshold that was chosen elsewhere. */
export interface ThresholdScores extends Scores {
  readonly value: number;
  /** The split on which it was tuned; null for the default of 0.5. */
  readonly tunedOn: string | null;
}

/**
 * The report on one model and one split. The top-level scores are those at threshold 0.5. Plain JSON
 * throughout.
 */
export interface EvaluationReport extends Scores {
  /** The displayed name: a file, folder or corpus. */
  readonly corpus: string;
  readonly protocol: string;
  readonly tagSet: string;
  readonly split: string;
  readonly threshold: ThresholdScores;
  readonly floors: readonly BaselineScores[];
  /** By system turn: 1, 2, 3, 4+. */
  readonly slices: readonly SliceScores[];
  readonly curves: Curves;
  /** Other uses of this split. Empty: the model never used it. */
  readonly alsoUsedFor: readonly ModelChoice[];
  readonly bootstrap: { readonly samples: number; readonly seed: number; readonly groups: number };
  /** Label → value, shown verbatim: run, model and corpus digests, versions, seeds. */
  readonly provenance: Readonly<Record<string, string>>;
  /** Present if the predictions come from many models, each for some of the examples. */
  readonly crossValidation?: CrossValidation;
}

/** The input of an evaluation report. */
export interface EvaluationInput
  extends ScoredExamples, Pick<EvaluationReport, 'corpus' | 'protocol' | 'tagSet' | 'split'> {
  /** n 0-based ordinals of the system turn that each example predicts. */
  readonly systemTurns: ArrayLike<number>;
  /** `each`: one per example, if they come from several models; `value` is then their mean. */
  readonly threshold?: {
    readonly value: number;
    readonly tunedOn: string;
    readonly each?: ArrayLike<number>;
  };
  readonly floors?: readonly BaselinePredictions[];
  readonly alsoUsedFor?: readonly ModelChoice[];
  readonly provenance?: Readonly<Record<string, string>>;
}

/**
 * The complete report on one model and one split.
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function evaluationReport(input: EvaluationInput, options: BootstrapOptions = {}): EvaluationReport {
  return measuredReport(input, options).report;
}

/** A report with the draws it is based on; those of baselines are in the same order. */
export interface MeasuredReport {
  readonly report: EvaluationReport;
  readonly draws: ScoreDraws;
  readonly baselineDraws: readonly ScoreDraws[];
}

/**
 * The report and its draws, for further comparisons.
 * @throws AppError `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function measuredReport(input: EvaluationInput, options: BootstrapOptions = {}): MeasuredReport {
  const {
    systemTurns,
    threshold: { each: thresholds, ...threshold } = { value: 0.5, tunedOn: null },
    floors: baselines = [],
  } = input;
  const bootstrap = {
    samples: options.samples ?? defaultBootstrap.samples,
    seed: options.seed ?? defaultBootstrap.seed,
  };
  const atHalf = sampleWeigher(input, 0.5);
  checkSystemTurns(input);
  const atThreshold = sampleWeigher(input, thresholds ?? threshold.value);
  const ofBaselines = baselines.map(({ probabilities }) =>
    sampleWeigher({ ...scoredOnly(input), probabilities }, 0.5),
  );
  const [draws, ...baselineDraws] = drawScores([atHalf, ...ofBaselines], {
    ...bootstrap,
    onProgress: options.onProgress,
  }) as [ScoreDraws, ...ScoreDraws[]];
  // Another threshold changes only the decisions.
  const thresholdDraws = {
    ...draws,
    ...bootstrapDraws(decisionWeigher(input, thresholds ?? threshold.value), decisionStatistics, bootstrap),
  };
  const scores = scoresOf(atHalf, draws);
  const report: EvaluationReport = {
    corpus: input.corpus,
    protocol: input.protocol,
    tagSet: input.tagSet,
    split: input.split,
    ...scores,
    threshold: { ...threshold, ...scoresOf(atThreshold, thresholdDraws) },
    floors: baselines.map(({ name, title = name }, i) => {
      const [baselineScores, ofBaseline] = [scoresOf(ofBaselines[i]!, baselineDraws[i]!), baselineDraws[i]!];
      const margin = Object.fromEntries(
        metricNames.map((metric) => [
          metric,
          pairedDifference(
            { value: scores[metric], draws: draws[metric] },
            { value: baselineScores[metric], draws: ofBaseline[metric] },
          ),
        ]),
      );
      return { name, title, ...baselineScores, margin: margin as Record<MetricName, Difference> };
    }),
    slices: slicesBy(
      'turn',
      { ...scoredOnly(input), keys: Array.from(systemTurns, turnSliceName) },
      { bootstrap },
    ),
    curves: curvesOf(input),
    alsoUsedFor: input.alsoUsedFor ?? [],
    bootstrap: { ...bootstrap, groups: atHalf.groupCount },
    provenance: input.provenance ?? {},
  };
  return { report, draws, baselineDraws: baselineDraws };
}

function checkSystemTurns({ systemTurns, labels }: EvaluationInput): void {
  if (systemTurns.length === labels.length) return;
  throw new AppError(
    'METRICS_INPUT_INVALID',
    `systemTurns must be as many as labels (${labels.length}). Got ${systemTurns.length} instead.`,
  );
}

function scoredOnly({ labels, probabilities, groups, weights }: ScoredExamples): ScoredExamples {
  return { labels, probabilities, ...(groups && { groups }), ...(weights && { weights }) };
}
