import { decisionWeigher } from '../weighted-sample.ts';
import type { MeasuredArm } from './arm-report.ts';
import { pooledArm } from './pooled-arm.ts';
import type { StudyExample } from './study-input.ts';

/**
 * The cost of decisions for every ratio between the prices of a needless and a missed question (Drummond &
 * Holte 2006). `needless` is the price of a needless question and 1 − `needless` that of a missed one, both
 * doubled, so that at equal prices the cost is the number of errors. All costs are per 100 decisions.
 */
export interface CostCurve {
  readonly needless: readonly number[];
  readonly alwaysAsk: readonly number[];
  readonly neverAsk: readonly number[];
  readonly arms: readonly { readonly arm: string; readonly cost: readonly number[] }[];
}

const prices = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/**
 * The curve of each arm. An arm asks when that has the lower expected cost: P(initiative) ≥ the price of a
 * needless question. This relies on calibrated probabilities and chooses nothing on the reported examples. An
 * arm that only makes decisions keeps them.
 */
export function costCurve(arms: readonly MeasuredArm[], examples: readonly StudyExample[]): CostCurve {
  const initiative = examples.filter(({ label }) => label === 1).length / examples.length;
  return {
    needless: prices,
    alwaysAsk: prices.map((price) => costOf(price, { needless: 1 - initiative, missed: 0 })),
    neverAsk: prices.map((price) => costOf(price, { needless: 0, missed: initiative })),
    arms: arms.map(({ arm }) => {
      const { scored } = pooledArm(arm, examples);
      const n = scored.labels.length;
      return {
        arm: arm.name,
        cost: prices.map((price) => {
          const { fp, fn } = decisionWeigher(scored, arm.hard ? 0.5 : price).original.confusion;
          return costOf(price, { needless: fp / n, missed: fn / n });
        }),
      };
    }),
  };
}

function costOf(
  price: number,
  { needless, missed }: { readonly needless: number; readonly missed: number },
): number {
  return 200 * (price * needless + (1 - price) * missed);
}
