import type { Difference } from '@overture/metrics';

export type Verdict = 'above' | 'below' | 'undecided' | 'undefined';

/** What a paired interval of "model minus other" allows one to say. */
export function verdictOf({ ci95 }: Difference): Verdict {
  if (ci95 === null) return 'undefined';
  if (ci95[0] > 0) return 'above';
  return ci95[1] < 0 ? 'below' : 'undecided';
}

export const verdictWords: Readonly<Record<Verdict, string>> = {
  above: 'model is above',
  below: 'model is below',
  undecided: 'no difference detected',
  undefined: 'not comparable',
};
