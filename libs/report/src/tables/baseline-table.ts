import type { EvaluationReport } from '@overture/metrics';
import { intervalText, marginText, scoreText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';
import { verdictOf, verdictWords } from '../verdict.ts';

/** The model and its baselines, all at 0.5. */
export function baselineTable(report: EvaluationReport): Table {
  return {
    caption: 'Model and floors at 0.5 (margin: macro-F1 of model minus floor, paired)',
    columns: [
      ...columnsOf('', 'macro-F1', '95 % interval', 'AUC', 'initiative recall', 'margin', '95 % interval'),
      { name: 'verdict' },
    ],
    rows: [
      [
        'model',
        scoreText(report.macroF1),
        intervalText(report.ci95?.macroF1),
        scoreText(report.auc),
        scoreText(report.perClass.initiative.recall),
        '',
        '',
        '',
      ],
      ...report.floors.map((baseline) => [
        baseline.title,
        scoreText(baseline.macroF1),
        intervalText(baseline.ci95?.macroF1),
        scoreText(baseline.auc),
        scoreText(baseline.perClass.initiative.recall),
        marginText(baseline.margin.macroF1),
        intervalText(baseline.margin.macroF1.ci95),
        verdictWords[verdictOf(baseline.margin.macroF1)],
      ]),
    ],
  };
}
