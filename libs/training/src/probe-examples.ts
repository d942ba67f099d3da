import { counterRandom, shuffled } from '@overture/core';

/**
 * Maximum number of examples for fitting a linear probe. A probe has one weight per hidden unit, and
 * computing its inputs takes a pass through the network.
 * Measured with probes of width 128 on 159,811 training examples, scored on 40,241 others, means of five
 * seeds. All: AUC 0.691, macro-F1 0.644. 20,000: 0.690, 0.644. 10,000: 0.689, 0.643. 5,000: 0.686, 0.642.
 * 2,000: 0.678, 0.637.
 */
export const probeSize = 20_000;

/**
 * Selects the examples to fit a linear probe on: all of them up to `limit`. Beyond that it draws a stratified
 * random sample of about that size, with at least one example per stratum.
 * @param options.stratumOf the class of an example, if a probe needs both classes. Default: one stratum
 * @returns a subset of `examples`, in their order
 */
export function probeExamples(
  examples: readonly number[],
  {
    seed,
    stratumOf = () => 0,
    limit = probeSize,
  }: { readonly seed: number; readonly stratumOf?: (example: number) => number; readonly limit?: number },
): readonly number[] {
  if (examples.length <= limit) return examples;
  const chosen = new Set<number>();
  for (const [stratum, members] of Map.groupBy(examples, stratumOf)) {
    const share = Math.max(1, Math.round((limit * members.length) / examples.length));
    for (const example of shuffled(members, counterRandom(seed, 'probe', stratum)).slice(0, share))
      chosen.add(example);
  }
  return examples.filter((example) => chosen.has(example));
}
