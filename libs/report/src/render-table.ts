import type { EvaluationReport } from '@overture/metrics';
import { caveats, baselineFindings } from './findings.ts';
import { countText } from './number-text.ts';
import { tableToText } from './table.ts';
import { crossValidationTables } from './tables/cross-validation-tables.ts';
import { baselineTable } from './tables/baseline-table.ts';
import { scoreTable } from './tables/score-table.ts';

/** Scores with intervals, baselines and caveats, as plain text for a terminal. */
export function renderTable(report: EvaluationReport): string {
  const about =
    `${report.corpus}, split "${report.split}", protocol ${report.protocol}, tag set ${report.tagSet}: ` +
    `${countText(report.n)} examples from ${countText(report.bootstrap.groups)} conversations`;
  return [
    about,
    tableToText(scoreTable(report)),
    ...(report.floors.length > 0 ? [tableToText(baselineTable(report))] : []),
    ...crossValidationTables(report).map(tableToText),
    [...baselineFindings(report), ...caveats(report)].map((line) => `• ${line}`).join('\n'),
  ].join('\n\n');
}
