import type { EvaluationReport } from '@overture/metrics';
import { countText, intervalText, scoreText, shareText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';

/** Scores at 0.5 by system turn. */
export function sliceTable(report: EvaluationReport): Table {
  return {
    caption: 'By system turn, at 0.5',
    columns: columnsOf(
      'System turn',
      'examples',
      'initiative',
      'macro-F1',
      '95 % interval',
      'AUC',
      'initiative recall',
      'initiative precision',
    ),
    rows: report.slices
      .filter((slice) => slice.by === 'turn')
      .map((slice) => [
        slice.name,
        countText(slice.n),
        shareText(
          slice.perClass.initiative.support,
          slice.perClass.initiative.support + slice.perClass.noInitiative.support,
        ),
        scoreText(slice.macroF1),
        intervalText(slice.ci95?.macroF1),
        scoreText(slice.auc),
        scoreText(slice.perClass.initiative.recall),
        scoreText(slice.perClass.initiative.precision),
      ]),
  };
}
