import { labelingRules, type LabelingRuleName } from './labeling-rules.ts';

/** The label source for labels decided by a person. */
export const personSource = 'person';

const rulePrefix = 'rule:';

/** The label source of a rule, as written in a corpus. */
export function ruleSource(name: LabelingRuleName): string {
  return rulePrefix + name;
}

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

/**
 * The sentence about weak labels in reports and cards; undefined if there are none.
 * @param total number of all labels
 */
export function weakLabelsText(sources: Readonly<Record<string, number>>, total: number): string | undefined {
  const weak = Object.entries(sources).filter(([source, count]) => isWeak(source) && count > 0);
  if (weak.length === 0) return undefined;
  return weak
    .map(([source, count]) => {
      const name = source.slice(rulePrefix.length);
      const rule = Object.hasOwn(labelingRules, name) ? labelingRules[name as LabelingRuleName] : undefined;
      const known =
        rule === undefined
          ? ''
          : `; on MSDialog this rule agrees with human labels at macro-F1 ${rule.onMsdialog.macroF1.toFixed(2)}`;
      return `weak, by rule \`${name}\`${count === total ? '' : ` (${count} of ${total})`}${known}`;
    })
    .join('; ');
}
