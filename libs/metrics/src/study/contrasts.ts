import { holm } from '../holm.ts';
import { mcnemar, type McNemar } from '../mcnemar.ts';
import { testedDifference, type Drawn, type TestedDifference } from '../paired-test.ts';
import { simultaneousDifference } from '../simultaneous-test.ts';
import { decisionsOf } from '../weighted-sample.ts';
import type { MeasuredArm } from './arm-report.ts';
import type { PlannedContrast, StudyExample } from './study-input.ts';

/** `better` minus `than`, on the same resamples of conversations. */
export interface Contrast extends PlannedContrast {
  /**
   * If `better` was chosen as the best arm on these very predictions: the arms it was chosen from. Intervals
   * and p then hold for all of them at once.
   */
  readonly chosenAmong: readonly string[] | null;
  /**
   * The difference in macro-F1 at 0.5 without the adjustment for that choice; null if `better` was named in
   * advance.
   */
  readonly unadjusted: TestedDifference | null;
  /** At 0.5; `holm` is p after Holm's correction over all contrasts. */
  readonly macroF1: TestedDifference & { readonly holm: number | null };
  /** At the tuned thresholds. */
  readonly tunedMacroF1: TestedDifference;
  readonly auc: TestedDifference;
  readonly initiativeRecall: TestedDifference;
  /**
   * One per pair of trainings, with the shorter list repeated: repeated predictions for one example are not
   * independent.
   */
  readonly mcnemar: readonly (McNemar & { readonly seeds: readonly [better: number, than: number] })[];
}

/** A planned contrast that cannot be answered. */
export interface Unanswered {
  readonly name: string;
  readonly question: string;
  readonly reason: string;
}

const numbers: Readonly<
  Record<'macroF1' | 'tunedMacroF1' | 'auc' | 'initiativeRecall', (arm: MeasuredArm) => Drawn>
> = {
  macroF1: ({ atHalf }) => atHalf.macroF1,
  tunedMacroF1: ({ atTuned }) => atTuned.macroF1,
  auc: ({ atHalf }) => atHalf.auc,
  initiativeRecall: ({ atHalf }) => atHalf['initiative.recall'],
};

/**
 * The arm with the best macro-F1 at 0.5 that is not a baseline; undefined if all are baselines. Ties go to
 * the first.
 */
export function bestArm(arms: readonly MeasuredArm[]): MeasuredArm | undefined {
  return trained(arms).reduce<MeasuredArm | undefined>(
    (best, arm) => (best && best.report.macroF1 >= arm.report.macroF1 ? best : arm),
    undefined,
  );
}

/** Tests the planned contrasts, whose arms must all be in `arms`. */
export function testContrasts(
  planned: readonly PlannedContrast[],
  arms: readonly MeasuredArm[],
  examples: readonly StudyExample[],
): Contrast[] {
  const labels = examples.map(({ label }) => label);
  const found = planned.map((contrast) => {
    const than = arms.find(({ arm }) => arm.name === contrast.than) as MeasuredArm;
    const rivals = contrast.better === bestName ? trained(arms).filter(({ arm }) => arm !== than.arm) : null;
    const better =
      rivals === null
        ? (arms.find(({ arm }) => arm.name === contrast.better) as MeasuredArm)
        : (bestArm(rivals) as MeasuredArm);
    const difference = (number: keyof typeof numbers): TestedDifference => {
      const of = numbers[number];
      return rivals === null
        ? testedDifference(of(better), of(than))
        : simultaneousDifference(of(better), rivals.map(of), of(than));
    };
    return {
      name: contrast.name,
      question: contrast.question,
      better: better.arm.name,
      than: than.arm.name,
      chosenAmong: rivals && rivals.map(({ arm }) => arm.name),
      unadjusted: rivals && testedDifference(numbers.macroF1(better), numbers.macroF1(than)),
      macroF1: difference('macroF1'),
      tunedMacroF1: difference('tunedMacroF1'),
      auc: difference('auc'),
      initiativeRecall: difference('initiativeRecall'),
      mcnemar: pairsOf(better, than).map(([first, second]) => ({
        seeds: [first.seed, second.seed] as const,
        ...mcnemar(labels, decisionsOf(first.probabilities), decisionsOf(second.probabilities)),
      })),
    };
  });
  const corrected = holm(found.map(({ macroF1 }) => macroF1.p));
  return found.map((contrast, i) => ({ ...contrast, macroF1: { ...contrast.macroF1, holm: corrected[i] } }));
}

/** Stands for the best arm in a planned contrast. */
export const bestName = 'best';

function trained(arms: readonly MeasuredArm[]): MeasuredArm[] {
  return arms.filter(({ arm }) => arm.family !== 'floor');
}

type Training = MeasuredArm['arm']['trainings'][number];

function pairsOf(
  { arm: { trainings: a } }: MeasuredArm,
  { arm: { trainings: b } }: MeasuredArm,
): (readonly [Training, Training])[] {
  return Array.from(
    { length: Math.max(a.length, b.length) },
    (_, i) => [a[i % a.length], b[i % b.length]] as const,
  );
}
