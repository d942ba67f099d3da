import type { EvaluationReport, BaselineScores, ModelChoice } from '@overture/metrics';
import { countText, intervalText, marginText, scoreText, shareText } from './number-text.ts';
import { verdictOf, type Verdict } from './verdict.ts';

/** The result in one sentence. */
export function headline(report: EvaluationReport): string {
  const { initiative } = report.perClass;
  return (
    `Macro-F1 ${scoreText(report.macroF1)} (95 % interval ${intervalText(report.ci95?.macroF1)}) on ${countText(report.n)} examples ` +
    `from ${countText(report.bootstrap.groups)} conversations of split "${report.split}", at threshold 0.5: ` +
    `it finds ${shareText(initiative.recall, 1)} of the initiatives, and ${shareText(initiative.precision, 1)} of those it predicts are right.`
  );
}

/** The conclusions about the baselines, one sentence per verdict that occurs. */
export function baselineFindings(report: EvaluationReport): string[] {
  const said: readonly [Verdict, string][] = [
    ['above', 'In macro-F1 the model is above'],
    ['undecided', 'No difference in macro-F1 was detected from'],
    ['below', 'In macro-F1 the model is BELOW'],
    ['undefined', 'No comparison is possible with'],
  ];
  return said.flatMap(([verdict, opening]) => {
    const baselines = report.floors.filter((baseline) => verdictOf(baseline.margin.macroF1) === verdict);
    return baselines.length === 0
      ? []
      : [`${opening} ${baselines.map((baseline) => baselineWords(baseline, report)).join('; ')}.`];
  });
}

function baselineWords(baseline: BaselineScores, report: EvaluationReport): string {
  const { macroF1 } = baseline.margin;
  const overlap = overlaps(report.ci95?.macroF1, baseline.ci95?.macroF1) ? '; the two intervals overlap' : '';
  return `${baseline.title} (${marginText(macroF1)}, ${intervalText(macroF1.ci95)}${overlap})`;
}

const choiceWords: Readonly<Record<ModelChoice, string>> = {
  checkpoint: 'the checkpoint',
  threshold: 'the threshold',
  temperature: 'the temperature',
};

/** What a reader must know before quoting a number. */
export function caveats(report: EvaluationReport): string[] {
  const { tp, fp, fn, tn } = report.confusion;
  const { initiative, noInitiative } = report.perClass;
  const found = labelCaveats(report.provenance);
  if (report.alsoUsedFor.length > 0) {
    const choices = listed(report.alsoUsedFor.map((choice) => choiceWords[choice]));
    found.push(
      `Split "${report.split}" also chose ${choices} of this model, so its scores here are optimistic: confirm them on data that chose nothing.`,
    );
  }
  if (report.floors.length === 0)
    found.push('No floor was computed: nothing here shows that the model is better than a rule.');
  if (initiative.support === 0 || noInitiative.support === 0) {
    found.push(
      `All examples are "${initiative.support === 0 ? 'no initiative' : 'initiative'}": macro-F1 cannot pass 0.5 and AUC does not exist.`,
    );
  }
  if (tp + fp === 0) found.push('At 0.5 the model never predicts initiative.');
  if (tn + fn === 0) found.push('At 0.5 the model always predicts initiative.');
  const interval = report.ci95?.macroF1;
  if (interval && interval[1] - interval[0] > 0.06) {
    found.push(
      `Macro-F1 is known to about ±${scoreText((interval[1] - interval[0]) / 2)}: on this much data a smaller gap to a model measured elsewhere means nothing.`,
    );
  }
  return found;
}

/** Caveats about weak labels; empty if the provenance names none. */
export function labelCaveats({ labels }: Readonly<Record<string, string>>): string[] {
  return labels === undefined
    ? []
    : [`The labels are ${labels}. Scores measure agreement with the rule, not with people.`];
}

function overlaps(
  a: readonly [number, number] | null | undefined,
  b: readonly [number, number] | null | undefined,
): boolean {
  return !!a && !!b && a[0] <= b[1] && b[0] <= a[1];
}

/** Items as an enumeration: `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
