import type { EvaluationReport } from '@overture/metrics';
import { caveats, baselineFindings, headline } from './findings.ts';
import { scoreText } from './number-text.ts';
import { escapeMarkdown, tableToMarkdown } from './table.ts';
import { classTable } from './tables/class-table.ts';
import { confusionTable } from './tables/confusion-table.ts';
import { crossValidationTables } from './tables/cross-validation-tables.ts';
import { errorTable } from './tables/error-table.ts';
import { baselineTable } from './tables/baseline-table.ts';
import { provenanceTable } from './tables/provenance-table.ts';
import { scoreTable } from './tables/score-table.ts';
import { sliceTable } from './tables/slice-table.ts';
import { titleOf } from './title.ts';
import type { RenderOptions } from './worst-error.ts';

/** The report as Markdown, without plots. */
export function renderMarkdown(report: EvaluationReport, options: RenderOptions = {}): string {
  const { threshold } = report;
  const list = (items: readonly string[]): string[] =>
    items.length > 0 ? [items.map((item) => `* ${escapeMarkdown(item)}`).join('\n')] : [];
  const tables = [
    scoreTable(report),
    ...(report.floors.length > 0 ? [baselineTable(report)] : []),
    ...crossValidationTables(report),
    classTable(report),
    confusionTable(report.confusion, '0.5'),
    ...(threshold.tunedOn === null ? [] : [confusionTable(threshold.confusion, scoreText(threshold.value))]),
    sliceTable(report),
    ...(options.worstErrors?.length ? [errorTable(options.worstErrors)] : []),
    provenanceTable(report),
  ];
  return `${[
    `# ${escapeMarkdown(titleOf(report, options))}`,
    escapeMarkdown(headline(report)),
    ...list(baselineFindings(report)),
    ...list(caveats(report)),
    ...tables.map(tableToMarkdown),
  ].join('\n\n')}\n`;
}
