import type { StudySummary } from '@overture/metrics';
import { intervalText, marginText, pText } from '../../number-text.ts';
import { columnsOf, type Table } from '../../table.ts';
import { answerWords, verdictOf } from '../study-findings.ts';

/** The two sides of a contrast in words. */
export function contrastTitle(
  { better, than, chosenAmong }: StudySummary['contrasts'][number],
  { arms }: StudySummary,
): string {
  const title = (name: string): string => arms.find((arm) => arm.name === name)?.title ?? name;
  return `${title(better)}${chosenAmong === null ? '' : ' (chosen as best)'} − ${title(than)}`;
}

/** The answers of the planned contrasts, and their other numbers. */
export function contrastTables(study: StudySummary): Table[] {
  const title = (contrast: StudySummary['contrasts'][number]): string => contrastTitle(contrast, study);
  return study.contrasts.length === 0
    ? []
    : [
        {
          caption: 'Planned contrasts in macro-F1 at 0.5 (p: paired bootstrap over conversations, two-sided)',
          columns: [...columnsOf('Contrast', 'difference', 'interval', 'p', 'p, Holm'), { name: 'answer' }],
          rows: study.contrasts.map((contrast) => [
            title(contrast),
            marginText(contrast.macroF1),
            intervalText(contrast.macroF1.ci95),
            pText(contrast.macroF1.p),
            pText(contrast.macroF1.holm),
            answerWords[verdictOf(contrast.macroF1)],
          ]),
        },
        {
          caption:
            'The same contrasts in other numbers, not corrected (McNemar asks about right decisions, and takes examples for independent; the largest p of the pairs of seeds)',
          columns: columnsOf(
            'Contrast',
            'macro-F1, tuned',
            'interval',
            'AUC',
            'interval',
            'recall of initiative',
            'interval',
            'McNemar p',
          ),
          rows: study.contrasts.map((contrast) => [
            title(contrast),
            ...[contrast.tunedMacroF1, contrast.auc, contrast.initiativeRecall].flatMap((difference) => [
              marginText(difference),
              intervalText(difference.ci95),
            ]),
            pText(Math.max(...contrast.mcnemar.map(({ p }) => p))),
          ]),
        },
      ];
}
