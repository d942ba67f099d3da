import { scoreText } from '../number-text.ts';
import { sliceTable } from '../tables/slice-table.ts';
import { square, squareGrid, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** Macro-F1 by system turn, with the rate of initiative that explains much of it. */
export const turnFigure: FigureOf = (report) => {
  const slices = report.slices.filter((slice) => slice.by === 'turn');
  if (slices.length === 0) return null;
  const rate = slices.map(({ perClass: { initiative, noInitiative } }) => initiative.support / (initiative.support + noInitiative.support));
  return {
    title: 'By system turn',
    plot: {
      id: 'turns',
      description: `Macro-F1 by system turn: ${slices.map((slice) => `${slice.name}: ${scoreText(slice.macroF1)}`).join(', ')}`,
      ...square,
      legend: [
        { name: 'macro-F1 with 95 % interval', color: ink.first, mark: 'dot' },
        { name: 'rate of initiative', color: ink.second, mark: 'dashed' },
      ],
      option: {
        grid: squareGrid,
        xAxis: axis('system turn', { type: 'category', min: undefined, max: undefined, data: slices.map((slice) => slice.name), splitLine: { show: false } }),
        yAxis: axis('score', { nameGap: 36 }),
        series: [
          ...slices.flatMap((slice, i) => (slice.ci95?.macroF1 ? [line('', slice.ci95.macroF1.map((y) => [i, y] as const), { color: ink.first, width: 3 })] : [])),
          { type: 'scatter', data: slices.map((slice, i) => [i, slice.macroF1]), symbol: 'circle', symbolSize: 12, itemStyle: { color: ink.first }, silent: true },
          { ...line('rate of initiative', rate.map((y, i) => [i, y] as const), { color: ink.second, type: 'dashed' }), symbol: 'diamond', symbolSize: 9 },
        ],
      },
    },
    table: sliceTable(report),
  };
};
