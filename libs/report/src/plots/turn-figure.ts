import type { Interval } from '@overture/metrics';
import { scoreText } from '../number-text.ts';
import type { Table } from '../table.ts';
import { sliceTable } from '../tables/slice-table.ts';
import { square, squareGrid, type Figure, type FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** A part of the examples: its score, and the rate of initiative, which explains much of the score. */
export interface PartPoint {
  readonly name: string;
  readonly macroF1: number;
  readonly ci95: Interval | null | undefined;
  readonly rate: number;
}

/** Macro-F1 by part. `by` names the property that divides the examples. */
export function partsFigure({
  id,
  by,
  parts,
  table,
}: {
  readonly id: string;
  readonly by: string;
  readonly parts: readonly PartPoint[];
  readonly table: Table;
}): Figure {
  const tilted = parts.length > 6;
  return {
    title: `By ${by}`,
    plot: {
      id,
      description: `Macro-F1 by ${by}: ${parts.map(({ name, macroF1 }) => `${name}: ${scoreText(macroF1)}`).join(', ')}`,
      ...square,
      legend: [
        { name: 'macro-F1 with 95 % interval', color: ink.first, mark: 'dot' },
        { name: 'rate of initiative', color: ink.second, mark: 'dashed' },
      ],
      option: {
        grid: tilted ? { ...squareGrid, bottom: 124, left: 76 } : squareGrid,
        xAxis: axis(by, {
          type: 'category',
          min: undefined,
          max: undefined,
          data: parts.map(({ name }) => name),
          splitLine: { show: false },
          ...(tilted && {
            nameGap: 104,
            axisLabel: { color: ink.soft, fontSize: 12, rotate: 40, interval: 0 },
          }),
        }),
        yAxis: axis('score', { nameGap: 36 }),
        series: [
          ...parts.flatMap(({ ci95 }, i) =>
            ci95
              ? [
                  line(
                    '',
                    ci95.map((y) => [i, y] as const),
                    { color: ink.first, width: 3 },
                  ),
                ]
              : [],
          ),
          {
            type: 'scatter',
            data: parts.map(({ macroF1 }, i) => [i, macroF1]),
            symbol: 'circle',
            symbolSize: 12,
            itemStyle: { color: ink.first },
            silent: true,
          },
          {
            ...line(
              'rate of initiative',
              parts.map(({ rate }, i) => [i, rate] as const),
              { color: ink.second, type: 'dashed' },
            ),
            symbol: 'diamond',
            symbolSize: 9,
          },
        ],
      },
    },
    table,
  };
}

/** Macro-F1 by system turn. */
export const turnFigure: FigureOf = (report) => {
  const slices = report.slices.filter((slice) => slice.by === 'turn');
  if (slices.length === 0) return null;
  const parts = slices.map(({ name, macroF1, ci95, perClass: { initiative, noInitiative } }) => ({
    name,
    macroF1,
    ci95: ci95?.macroF1,
    rate: initiative.support / (initiative.support + noInitiative.support),
  }));
  return partsFigure({ id: 'turns', by: 'system turn', parts, table: sliceTable(report) });
};
