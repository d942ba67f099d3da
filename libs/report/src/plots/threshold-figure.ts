import { scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { sampled, square, squareGrid, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** Macro-F1, precision and recall of a report's model at every threshold. */
export const thresholdFigure: FigureOf = (report) => {
  const sweep = report.curves.thresholdSweep;
  const { value, tunedOn } = report.threshold;
  return {
    title: 'What each threshold would give',
    plot: {
      id: 'thresholds',
      description: 'Macro-F1, precision and recall of initiative over the threshold',
      ...square,
      legend: [
        { name: 'macro-F1', color: ink.first, mark: 'solid' },
        { name: 'recall of initiative', color: ink.second, mark: 'dashed' },
        { name: 'precision of initiative', color: ink.third, mark: 'dotted' },
        ...(tunedOn === null
          ? []
          : [{ name: `tuned on ${tunedOn}`, color: ink.soft, mark: 'solid' as const }]),
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('threshold'),
        yAxis: axis('score', { nameGap: 36 }),
        series: [
          line(
            'macro-F1',
            sweep.map((point) => [point.threshold, point.macroF1] as const),
            { color: ink.first },
          ),
          line(
            'recall',
            sweep.map((point) => [point.threshold, point.recall] as const),
            { color: ink.second, type: 'dashed' },
          ),
          // If nothing is predicted positive, precision is 0 only by definition. A sudden drop of the line
          // would mislead.
          line(
            'precision',
            sweep
              .filter((point) => point.recall + point.precision > 0)
              .map((point) => [point.threshold, point.precision] as const),
            { color: ink.third, type: 'dotted' },
          ),
          ...(tunedOn === null
            ? []
            : [
                line(
                  'tuned',
                  [
                    [value, 0],
                    [value, 1],
                  ],
                  { color: ink.soft, width: 1.5 },
                ),
              ]),
        ],
      },
    },
    table: {
      caption: 'Scores by threshold, some of the points',
      columns: columnsOf('threshold', 'macro-F1', 'recall', 'precision'),
      rows: sampled(sweep).map((point) => [
        scoreText(point.threshold),
        scoreText(point.macroF1),
        scoreText(point.recall),
        scoreText(point.precision),
      ]),
    },
  };
};
