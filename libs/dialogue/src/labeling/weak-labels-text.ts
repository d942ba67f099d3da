import { isWeak, rulePrefix } from './label-source.ts';
import { labelingRules, type LabelingRuleName } from './labeling-rules.ts';

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
