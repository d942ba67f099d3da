import type { PrecisionRecallPoint } from '@overture/metrics';
import { scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { sampled, square, squareGrid, type Figure, type FigureOf } from './figure.ts';
import { axis, ink, line, type LineStyle } from './svg-plot.ts';

/** A named precision-recall curve. */
export interface NamedPrecisionRecall extends LineStyle {
  readonly name: string;
  readonly averagePrecision: number | null;
  readonly precisionRecall: readonly PrecisionRecallPoint[];
}

/**
 * Overlaid curves, with the points of the first one as a table. Null if none has points. `rate` is the rate
 * of initiative.
 */
export function precisionRecallOf(curves: readonly NamedPrecisionRecall[], rate: number): Figure | null {
  const drawn = curves.filter(({ precisionRecall }) => precisionRecall.length > 0);
  const [first] = drawn;
  if (first === undefined) return null;
  return {
    title: 'Precision and recall of initiative',
    plot: {
      id: 'precision-recall',
      description: `Precision-recall curve with average precision ${drawn.map(({ name, averagePrecision }) => `${scoreText(averagePrecision)}${drawn.length > 1 ? ` of ${name}` : ''}`).join(', ')}`,
      ...square,
      legend: [
        ...drawn.map(({ name, averagePrecision, color, mark }) => ({
          name: `${name} (average precision ${scoreText(averagePrecision)})`,
          color,
          mark,
        })),
        { name: `always predicting initiative (${scoreText(rate)})`, color: ink.soft, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('recall of initiative'),
        yAxis: axis('precision of initiative', { nameGap: 36 }),
        series: [
          // A step: between two thresholds, precision is that of the lower one.
          ...drawn.map(({ name, precisionRecall, color, mark }) => ({
            ...line(
              name,
              precisionRecall.map((point) => [point.recall, point.precision] as const),
              { color, type: mark },
            ),
            step: 'start',
          })),
          line(
            'always',
            [
              [0, rate],
              [1, rate],
            ],
            { color: ink.soft, type: 'dashed', width: 1.5 },
          ),
        ],
      },
    },
    table: {
      caption: `Precision and recall${drawn.length > 1 ? ` of ${first.name}` : ''}, some of the points`,
      columns: columnsOf('threshold', 'recall', 'precision'),
      rows: sampled(first.precisionRecall).map((point) => [
        scoreText(point.threshold),
        scoreText(point.recall),
        scoreText(point.precision),
      ]),
    },
  };
}

/** The precision-recall curve of a report's model. */
export const precisionRecallFigure: FigureOf = ({
  curves: { precisionRecall },
  averagePrecision,
  perClass: { initiative, noInitiative },
}) =>
  precisionRecallOf(
    [{ name: 'model', averagePrecision, precisionRecall, color: ink.first, mark: 'solid' }],
    initiative.support / (initiative.support + noInitiative.support),
  );
