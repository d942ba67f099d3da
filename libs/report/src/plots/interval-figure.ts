import { intervalText, scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import type { FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** Macro-F1 of model and floors with their intervals, one below the other. */
export const intervalFigure: FigureOf = (report) => {
  const rows = [...report.floors.map((floor) => ({ name: floor.title, scores: floor })), { name: 'model', scores: report }];
  const ends = rows.flatMap(({ scores }) => [scores.macroF1, ...(scores.ci95?.macroF1 ?? [])]);
  const floorOf = (x: number): number => Math.max(0, Math.floor(x * 20) / 20);
  const ceilingOf = (x: number): number => Math.min(1, Math.ceil(x * 20) / 20);
  const colorOf = (row: number): string => (row === rows.length - 1 ? ink.first : ink.second);
  return {
    title: 'Macro-F1 of model and floors',
    plot: {
      id: 'intervals',
      description: `Macro-F1 with 95 % intervals: ${rows.map(({ name, scores }) => `${name} ${scoreText(scores.macroF1)}`).join(', ')}`,
      width: 900,
      height: 90 + 38 * rows.length,
      option: {
        grid: { left: 310, right: 40, top: 12, bottom: 52 },
        xAxis: axis('macro-F1 at 0.5', { min: floorOf(Math.min(...ends)), max: ceilingOf(Math.max(...ends)) }),
        yAxis: axis('', { type: 'category', min: undefined, max: undefined, data: rows.map(({ name }) => name), splitLine: { show: false }, axisLabel: { color: ink.text, fontSize: 13 } }),
        series: rows.flatMap(({ name, scores }, row) => [
          ...(scores.ci95?.macroF1 ? [line(name, scores.ci95.macroF1.map((x) => [x, row] as const), { color: colorOf(row), width: 3 })] : []),
          { type: 'scatter', data: [[scores.macroF1, row]], symbol: row === rows.length - 1 ? 'circle' : 'diamond', symbolSize: 13, itemStyle: { color: colorOf(row) }, silent: true,
            label: { show: true, position: 'top', formatter: scoreText(scores.macroF1), color: ink.text, fontSize: 12, distance: 4 } },
        ]),
      },
    },
    table: {
      caption: 'Macro-F1 of model and floors',
      columns: columnsOf('', 'macro-F1', '95 % interval'),
      rows: [...rows].reverse().map(({ name, scores }) => [name, scoreText(scores.macroF1), intervalText(scores.ci95?.macroF1)]),
    },
  };
};
