import type { Baseline } from '../baseline.ts';

/** Never predicts initiative. */
export const alwaysNo: Baseline = {
  name: 'alwaysNo',
  title: 'always "no"',
  fit: () => (examples) => new Float64Array(examples.length),
};
