import { bootstrapDraws, percentileInterval, type BootstrapOptions, type Interval } from '../bootstrap.ts';
import { initiativeScores } from '../confusion.ts';
import { metricTable } from '../metric-table.ts';
import { decisionWeigher } from '../weighted-sample.ts';
import type { MeasuredArm } from './arm-report.ts';
import { pooledArm } from './pooled-arm.ts';
import type { Slicing, StudyExample } from './study-input.ts';

/** The scores of one arm on a part of the examples, at 0.5. */
export interface ArmSlice {
  readonly arm: string;
  /** Null, like its interval, if the part contains one class only: only accuracy is defined there. */
  readonly macroF1: number | null;
  readonly ci95: Interval | null;
  readonly accuracy: number;
  readonly initiativeRecall: number | null;
}

/** A part of the examples, with the scores of each arm. */
export interface StudySlice {
  readonly by: string;
  readonly name: string;
  readonly examples: number;
  readonly initiative: number;
  readonly arms: readonly ArmSlice[];
}

/**
 * Every arm on every part that has examples. All parts use the resamples of the whole, so that they can be
 * compared.
 */
export function studySlices(
  slicings: readonly Slicing[],
  arms: readonly MeasuredArm[],
  {
    examples,
    bootstrap,
  }: { readonly examples: readonly StudyExample[]; readonly bootstrap: BootstrapOptions },
): StudySlice[] {
  const pooled = arms.map(({ arm }) => ({
    name: arm.name,
    times: arm.trainings.length,
    ...pooledArm(arm, examples),
  }));
  return slicings.flatMap(({ by, names, partsOf }) =>
    names.flatMap((name) => {
      const inside = partsOf.map((parts) => (parts.includes(name) ? 1 : 0));
      const size = inside.filter(Boolean).length;
      if (size === 0) return [];
      const initiative = examples.filter(({ label }, i) => inside[i] && label === 1).length;
      const bothClasses = initiative > 0 && initiative < size;
      return [
        {
          by,
          name,
          examples: size,
          initiative,
          arms: pooled.map(({ name: arm, times, scored }) => {
            const weigher = decisionWeigher(
              { ...scored, weights: Array.from({ length: times }, () => inside).flat() },
              0.5,
            );
            const { confusion } = weigher.original;
            return {
              arm,
              macroF1: bothClasses ? metricTable.macroF1.of(weigher.original) : null,
              ci95: bothClasses
                ? percentileInterval(
                    bootstrapDraws(weigher, { macroF1: metricTable.macroF1.of }, bootstrap).macroF1,
                  )
                : null,
              accuracy: metricTable.accuracy.of(weigher.original) as number,
              initiativeRecall: initiative > 0 ? initiativeScores(confusion).recall : null,
            };
          }),
        },
      ];
    }),
  );
}
