import type { RocPoint } from '@overture/metrics';
import { scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { sampled, square, squareGrid, type Figure, type FigureOf } from './figure.ts';
import { axis, ink, line, type LineStyle } from './svg-plot.ts';

/** A named ROC curve. */
export interface NamedRoc extends LineStyle {
  readonly name: string;
  readonly auc: number | null;
  readonly roc: readonly RocPoint[];
}

/** Overlaid curves, with the points of the first one as a table. Null if none has points. */
export function rocOf(curves: readonly NamedRoc[]): Figure | null {
  const drawn = curves.filter(({ roc }) => roc.length > 0);
  const [first] = drawn;
  if (first === undefined) return null;
  return {
    title: 'ROC curve',
    plot: {
      id: 'roc',
      description: `ROC curve with area ${drawn.map(({ name, auc }) => `${scoreText(auc)}${drawn.length > 1 ? ` of ${name}` : ''}`).join(', ')}`,
      ...square,
      legend: [
        ...drawn.map(({ name, auc, color, mark }) => ({
          name: `${name} (AUC ${scoreText(auc)})`,
          color,
          mark,
        })),
        { name: 'chance', color: ink.soft, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('false positive rate'),
        yAxis: axis('recall of initiative', { nameGap: 36 }),
        series: [
          ...drawn.map(({ name, roc, color, mark }) =>
            line(
              name,
              roc.map((point) => [point.falsePositiveRate, point.truePositiveRate] as const),
              { color, type: mark },
            ),
          ),
          line(
            'chance',
            [
              [0, 0],
              [1, 1],
            ],
            { color: ink.soft, type: 'dashed', width: 1.5 },
          ),
        ],
      },
    },
    table: {
      caption: `ROC curve${drawn.length > 1 ? ` of ${first.name}` : ''}, some of its points`,
      columns: columnsOf('threshold', 'false positive rate', 'recall of initiative'),
      rows: sampled(first.roc).map((point) => [
        point.threshold === null ? 'above all' : scoreText(point.threshold),
        scoreText(point.falsePositiveRate),
        scoreText(point.truePositiveRate),
      ]),
    },
  };
}

/** The ROC curve of a report's model. */
export const rocFigure: FigureOf = ({ curves: { roc }, auc }) =>
  rocOf([{ name: 'model', auc, roc, color: ink.first, mark: 'solid' }]);
