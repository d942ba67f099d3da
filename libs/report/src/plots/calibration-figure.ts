import type { CalibrationBin } from '@overture/metrics';
import { countText, scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import { square, squareGrid, type Figure, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** The calibration of a named model. */
export interface NamedCalibration {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly ece: number | null;
  readonly bins: readonly CalibrationBin[];
}

/** A calibration plot, with the bins as a table. */
export function calibrationOf({ id, title, name, ece, bins }: NamedCalibration): Figure {
  const most = Math.max(...bins.map((bin) => bin.n));
  return {
    title,
    plot: {
      id,
      description: `Calibration in ten bins with expected calibration error ${scoreText(ece)}`,
      ...square,
      legend: [
        {
          name: `${name} (ECE ${scoreText(ece)}); larger means more examples`,
          color: ink.first,
          mark: 'dot',
        },
        { name: 'perfect', color: ink.soft, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('mean predicted P(initiative)'),
        yAxis: axis('rate of initiative', { nameGap: 36 }),
        series: [
          {
            type: 'scatter',
            silent: true,
            itemStyle: { color: ink.first },
            data: bins.flatMap(({ n, meanProbability, initiativeRate }) =>
              meanProbability === null || initiativeRate === null
                ? []
                : [{ value: [meanProbability, initiativeRate], symbolSize: 5 + 17 * Math.sqrt(n / most) }],
            ),
          },
          line(
            'perfect',
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
      caption: title,
      columns: columnsOf('P(initiative)', 'examples', 'mean P', 'rate of initiative'),
      rows: bins.map((bin) => [
        `${bin.low.toFixed(1)} to ${bin.high.toFixed(1)}`,
        countText(bin.n),
        scoreText(bin.meanProbability),
        scoreText(bin.initiativeRate),
      ]),
    },
  };
}

/** The calibration of a report's model. */
export const calibrationFigure: FigureOf = ({ ece, curves }) =>
  calibrationOf({ id: 'calibration', title: 'Calibration', name: 'model', ece, bins: curves.calibration });
