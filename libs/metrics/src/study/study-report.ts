import { AppError } from '@overture/core';
import { defaultBootstrap, drawResamples, type BootstrapOptions } from '../bootstrap.ts';
import { numberGroups } from '../number-groups.ts';
import { measureArm, type ArmReport } from './arm-report.ts';
import { bestArm, bestName, testContrasts, type Contrast, type Unanswered } from './contrasts.ts';
import { costCurve, type CostCurve } from './cost-curve.ts';
import { studySlices, type StudySlice } from './study-slices.ts';
import type { ArmCost, PlannedContrast, StudyInput, StudyPart } from './study-input.ts';

/**
 * Many arms on the same folds, and the answers of the planned contrasts between them. Plain JSON throughout.
 */
export interface StudyReport extends Pick<StudyInput, 'corpus' | 'protocol' | 'tagSet'> {
  readonly examples: number;
  /** Number of examples with initiative. */
  readonly initiative: number;
  readonly folds: number;
  readonly arms: readonly ArmReport[];
  /** The arm with the best macro-F1 at 0.5 that is not a baseline; null if all are baselines. */
  readonly best: string | null;
  readonly contrasts: readonly Contrast[];
  readonly unanswered: readonly Unanswered[];
  readonly dropped: readonly { readonly arm: string; readonly reason: string }[];
  readonly slices: readonly StudySlice[];
  readonly costCurve: CostCurve;
  readonly costs: readonly ArmCost[];
  readonly parts: readonly StudyPart[];
  readonly bootstrap: { readonly samples: number; readonly seed: number; readonly groups: number };
  readonly provenance: Readonly<Record<string, string>>;
}

/** A study's numbers, without those that only the HTML page shows. */
export interface StudySummary extends Omit<
  StudyReport,
  'arms' | 'slices' | 'costCurve' | 'costs' | 'parts' | 'provenance'
> {
  readonly arms: readonly Omit<ArmReport, 'curves'>[];
}

/**
 * The report of a study. Conversations are resampled with all their examples under all seeds, with the same
 * resamples for every arm.
 * @throws AppError `STUDY_INVALID`, `METRICS_INPUT_INVALID`, `SEED_INVALID`
 */
export function studyReport(input: StudyInput, options: BootstrapOptions = {}): StudyReport {
  checkStudy(input);
  const { examples, dropped = [], slicings = [], costs = [], parts = [], provenance = {} } = input;
  const { groupCount } = numberGroups({
    labels: examples.map(({ label }) => label),
    groups: examples.map(({ conversation }) => conversation),
  });
  const { samples = defaultBootstrap.samples, seed = defaultBootstrap.seed } = options;
  const bootstrap = { resamples: options.resamples ?? drawResamples(groupCount, { samples, seed }) };
  const arms = input.arms.map((arm) => measureArm(arm, examples, bootstrap));
  const reasonOf = (contrast: PlannedContrast): string | undefined => whyNot(contrast, input);
  return {
    corpus: input.corpus,
    protocol: input.protocol,
    tagSet: input.tagSet,
    examples: examples.length,
    initiative: examples.filter(({ label }) => label === 1).length,
    folds: new Set(examples.map(({ fold }) => fold)).size,
    arms: arms.map(({ report }) => report),
    best: bestArm(arms)?.arm.name ?? null,
    contrasts: testContrasts(
      input.contrasts.filter((contrast) => reasonOf(contrast) === undefined),
      arms,
      examples,
    ),
    unanswered: input.contrasts.flatMap((contrast) => {
      const reason = reasonOf(contrast);
      return reason === undefined ? [] : [{ name: contrast.name, question: contrast.question, reason }];
    }),
    dropped,
    slices: studySlices(slicings, arms, { examples, bootstrap }),
    costCurve: costCurve(arms, examples),
    costs,
    parts,
    bootstrap: { samples: bootstrap.resamples.length, seed, groups: groupCount },
    provenance,
  };
}

/** Why a contrast cannot be answered; undefined if it can. */
function whyNot({ better, than }: PlannedContrast, { arms, dropped = [] }: StudyInput): string | undefined {
  const left = dropped.filter(({ arm }) => arm === better || arm === than);
  if (left.length > 0) return left.map(({ arm, reason }) => `${arm} was left out: ${reason}`).join('; ');
  return better === bestName && arms.every(({ name, family }) => family === 'floor' || name === than)
    ? 'there is no arm but floors'
    : undefined;
}

/** Checks the input and reports all problems at once, before anything is computed. */
function checkStudy({ arms, examples, contrasts, dropped = [] }: StudyInput): void {
  const names = arms.map(({ name }) => name);
  const known = [...names, ...dropped.map(({ arm }) => arm)];
  const problems = [
    ...(arms.length === 0 || examples.length === 0
      ? [`there must be arms and examples, got ${arms.length} and ${examples.length}`]
      : []),
    ...names
      .filter((name, i) => names.indexOf(name) !== i || name === bestName)
      .map((name) => `the name of an arm must be its own and not "${bestName}", got ${name} again`),
    ...arms
      .filter(({ trainings }) => trainings.length === 0)
      .map(({ name }) => `${name} must have predictions, got none`),
    ...arms.flatMap(({ name, trainings }) =>
      trainings
        .filter(
          (each) =>
            each.probabilities.length !== examples.length || each.thresholds.length !== examples.length,
        )
        .map(
          ({ seed, probabilities }) =>
            `${name} must say something about each of ${examples.length} examples, got ${probabilities.length} under seed ${seed}`,
        ),
    ),
    ...contrasts.flatMap(({ name, better, than }) =>
      [...(better === bestName ? [] : [better]), than]
        .filter((arm) => !known.includes(arm))
        .map((arm) => `contrast ${name} must be between arms of the study, got ${arm}`),
    ),
  ];
  if (problems.length > 0)
    throw new AppError('STUDY_INVALID', `A study cannot be reported: ${problems.join('; ')}.`, {
      details: { problems },
    });
}
