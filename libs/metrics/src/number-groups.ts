import type { ScoredExamples } from './scored-examples.ts';

/** The number of each example's group. Groups are numbered by sorted id, so that the order of examples changes no draw; without ids each example is one. */
export function numberGroups({ labels, groups }: Pick<ScoredExamples, 'labels' | 'groups'>): { readonly groupOf: Int32Array; readonly groupCount: number } {
  if (!groups) return { groupOf: Int32Array.from({ length: labels.length }, (_, i) => i), groupCount: labels.length };
  const ids = [...new Set(Array.from(groups))].sort();
  const numbers = new Map(ids.map((id, number) => [id, number]));
  const groupOf = Int32Array.from({ length: groups.length }, (_, i) => numbers.get(groups[i]) as number);
  return { groupOf, groupCount: numbers.size };
}
