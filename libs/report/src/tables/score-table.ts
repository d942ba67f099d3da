import { metricNames, metricTable, type EvaluationReport } from '@overture/metrics';
import { intervalText, scoreText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';

/** Every metric at 0.5 and, if a threshold was tuned, at that threshold. */
export function scoreTable(report: EvaluationReport): Table {
  const { threshold } = report;
  const tuned =
    threshold.tunedOn === null
      ? []
      : [`at ${scoreText(threshold.value)} (tuned on ${threshold.tunedOn})`, '95 % interval'];
  return {
    caption: 'All metrics',
    columns: columnsOf('Metric', 'at 0.5', '95 % interval', ...tuned),
    rows: metricNames.map((name) => [
      `${metricTable[name].label}${metricTable[name].better === 'lower' ? ' (lower is better)' : ''}`,
      scoreText(report[name]),
      intervalText(report.ci95?.[name]),
      ...(tuned.length > 0 ? [scoreText(threshold[name]), intervalText(threshold.ci95?.[name])] : []),
    ]),
  };
}
