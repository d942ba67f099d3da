import { scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { sampled, square, squareGrid, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

export const rocFigure: FigureOf = (report) => {
  const { roc } = report.curves;
  if (roc.length === 0) return null;
  return {
    title: 'ROC curve',
    plot: {
      id: 'roc',
      description: `ROC curve with area ${scoreText(report.auc)}`,
      ...square,
      legend: [
        { name: `model (AUC ${scoreText(report.auc)})`, color: ink.first, mark: 'solid' },
        { name: 'chance', color: ink.soft, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('false positive rate'),
        yAxis: axis('recall of initiative', { nameGap: 36 }),
        series: [
          line('model', roc.map((point) => [point.falsePositiveRate, point.truePositiveRate] as const), { color: ink.first }),
          line('chance', [[0, 0], [1, 1]], { color: ink.soft, type: 'dashed', width: 1.5 }),
        ],
      },
    },
    table: {
      caption: 'ROC curve, some of its points',
      columns: columnsOf('threshold', 'false positive rate', 'recall of initiative'),
      rows: sampled(roc).map((point) => [point.threshold === null ? 'above all' : scoreText(point.threshold), scoreText(point.falsePositiveRate), scoreText(point.truePositiveRate)]),
    },
  };
};
