import type { Difference } from '@overture/metrics';

/** The outcome of comparing the model with another one. */
export type Verdict = 'above' | 'below' | 'undecided' | 'undefined';

/** The verdict supported by a paired interval of "model minus other". */
export function verdictOf({ ci95 }: Difference): Verdict {
  if (ci95 === null) return 'undefined';
  if (ci95[0] > 0) return 'above';
  return ci95[1] < 0 ? 'below' : 'undecided';
}

/** The displayed text of each verdict. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  above: 'model is above',
  below: 'model is below',
  undecided: 'no difference detected',
  undefined: 'not comparable',
};
