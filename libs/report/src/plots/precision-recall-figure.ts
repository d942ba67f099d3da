import { scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { sampled, square, squareGrid, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

export const precisionRecallFigure: FigureOf = (report) => {
  const { precisionRecall } = report.curves;
  if (precisionRecall.length === 0) return null;
  const { initiative, noInitiative } = report.perClass;
  const rate = initiative.support / (initiative.support + noInitiative.support);
  return {
    title: 'Precision and recall of initiative',
    plot: {
      id: 'precision-recall',
      description: `Precision-recall curve with average precision ${scoreText(report.averagePrecision)}`,
      ...square,
      legend: [
        { name: `model (average precision ${scoreText(report.averagePrecision)})`, color: ink.first, mark: 'solid' },
        { name: `always predicting initiative (${scoreText(rate)})`, color: ink.soft, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('recall of initiative'),
        yAxis: axis('precision of initiative', { nameGap: 36 }),
        series: [
          // A step: precision between two thresholds is that of the lower one.
          { ...line('model', precisionRecall.map((point) => [point.recall, point.precision] as const), { color: ink.first }), step: 'start' },
          line('always', [[0, rate], [1, rate]], { color: ink.soft, type: 'dashed', width: 1.5 }),
        ],
      },
    },
    table: {
      caption: 'Precision and recall, some of the points',
      columns: columnsOf('threshold', 'recall', 'precision'),
      rows: sampled(precisionRecall).map((point) => [scoreText(point.threshold), scoreText(point.recall), scoreText(point.precision)]),
    },
  };
};
