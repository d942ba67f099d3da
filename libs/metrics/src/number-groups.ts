import type { ScoredExamples } from './scored-examples.ts';

/**
 * The group index of each example. Groups are numbered by sorted id, so that the order of examples does not
 * affect draws. Without ids, each example is its own group.
 */
export function numberGroups({ labels, groups }: Pick<ScoredExamples, 'labels' | 'groups'>): {
  readonly groupOf: Int32Array;
  readonly groupCount: number;
} {
  if (!groups)
    return { groupOf: Int32Array.from({ length: labels.length }, (_, i) => i), groupCount: labels.length };
  const ids = [...new Set(Array.from(groups))].sort();
  const numbers = new Map(ids.map((id, number) => [id, number]));
  const groupOf = Int32Array.from({ length: groups.length }, (_, i) => numbers.get(groups[i]) as number);
  return { groupOf, groupCount: numbers.size };
}
