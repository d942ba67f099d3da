/** The label source for labels decided by a person. */
export const personSource = 'person';

/** Before the rule's name in a label source. */
export const rulePrefix = 'rule:';

/** Whether labels of this source were guessed by a rule. */
export function isWeak(source: string): boolean {
  return source.startsWith(rulePrefix);
}

/** Number of labels by source. Labels without a source are not counted. */
export function labelSourcesOf(
  examples: Iterable<{ readonly labelSource?: string }>,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labelSource } of examples)
    if (labelSource !== undefined) counts[labelSource] = (counts[labelSource] ?? 0) + 1;
  return counts;
}
