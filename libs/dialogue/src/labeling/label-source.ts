import { labelingRules, type LabelingRuleName } from './labeling-rules.ts';

/** The label source of what a person decided. */
export const personSource = 'person';

const rulePrefix = 'rule:';

/** How the source of a rule's labels is written in a corpus. */
export function ruleSource(name: LabelingRuleName): string {
  return rulePrefix + name;
}

/** Whether labels of this source are guesses of a rule. */
export function isWeak(source: string): boolean {
  return source.startsWith(rulePrefix);
}

/** How many labels each source gave; those without a source are not counted. */
export function labelSourcesOf(examples: Iterable<{ readonly labelSource?: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { labelSource } of examples) if (labelSource !== undefined) counts[labelSource] = (counts[labelSource] ?? 0) + 1;
  return counts;
}

/**
 * What reports and cards say about weak labels; undefined when there are none.
 * @param total of all labels
 */
export function weakLabelsText(sources: Readonly<Record<string, number>>, total: number): string | undefined {
  const weak = Object.entries(sources).filter(([source, count]) => isWeak(source) && count > 0);
  if (weak.length === 0) return undefined;
  return weak
    .map(([source, count]) => {
      const name = source.slice(rulePrefix.length);
      const rule = Object.hasOwn(labelingRules, name) ? labelingRules[name as LabelingRuleName] : undefined;
      const known =
        rule === undefined ? '' : `; on MSDialog this rule agrees with human labels at macro-F1 ${rule.onMsdialog.macroF1.toFixed(2)}`;
      return `weak, by rule \`${name}\`${count === total ? '' : ` (${count} of ${total})`}${known}`;
    })
    .join('; ');
}
