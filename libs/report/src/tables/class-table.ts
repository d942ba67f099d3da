import type { EvaluationReport, Scores } from '@overture/metrics';
import { countText, intervalText, scoreText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';

const classes = [
  ['initiative', 'initiative'],
  ['noInitiative', 'no initiative'],
] as const;
const scores = ['precision', 'recall', 'f1'] as const;

/** Precision, recall, F1 and support per class and threshold. */
export function classTable(report: EvaluationReport): Table {
  const { threshold } = report;
  const at: [string, Scores][] = [['0.5', report]];
  if (threshold.tunedOn !== null) at.push([scoreText(threshold.value), threshold]);
  return {
    caption: 'By class',
    columns: columnsOf(
      'Class',
      'threshold',
      'precision',
      '95 % interval',
      'recall',
      '95 % interval',
      'F1',
      '95 % interval',
      'support',
    ),
    rows: at.flatMap(([value, those]) =>
      classes.map(([name, title]) => [
        title,
        value,
        ...scores.flatMap((score) => [
          scoreText(those.perClass[name][score]),
          intervalText(those.ci95?.perClass[name][score]),
        ]),
        countText(those.perClass[name].support),
      ]),
    ),
  };
}
