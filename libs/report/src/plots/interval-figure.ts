import type { Interval } from '@overture/metrics';
import { intervalText, scoreText } from '../number-text.ts';
import { columnsOf } from '../table.ts';
import type { Figure, FigureOf } from './figure.ts';
import { axis, ink, line } from './svg-plot.ts';

/** A value with its interval. */
export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  readonly ci95: Interval | null | undefined;
  /** Whether the row is highlighted as the main subject. */
  readonly shown?: boolean;
}

/** The rows and the axis of an interval plot. */
export interface IntervalPlot {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** The name of the plotted number, at threshold 0.5. */
  readonly number: string;
  /** From top to bottom. */
  readonly rows: readonly IntervalRow[];
  /** Limits of the axis, which no value exceeds. */
  readonly within: Interval;
  /**
   * Maximum characters of a name that fit beside the plot in any font. Longer names are wrapped. Default: no
   * limit.
   */
  readonly longestLine?: number;
  /** Where a reference line is drawn. */
  readonly mark?: number;
}

/** A name, wrapped to lines of a maximum length. */
function inLines(name: string, longestLine: number): string {
  const lines = [''];
  for (const word of name.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= longestLine || lines.at(-1) === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join('\n');
}

/** Values with their intervals, one below the other. */
export function intervalsOf({
  id,
  title,
  number,
  rows,
  within,
  mark,
  longestLine = Infinity,
}: IntervalPlot): Figure {
  const upward = [...rows].reverse();
  const labels = upward.map(({ name }) => inLines(name, longestLine));
  const rowHeight = Math.max(38, ...labels.map((label) => 10 + 16 * label.split('\n').length));
  const ends = [
    ...rows.flatMap(({ value, ci95 }) => [value, ...(ci95 ?? [])]),
    ...(mark === undefined ? [] : [mark]),
  ];
  const baselineOf = (x: number): number => Math.max(within[0], Math.floor(x * 20) / 20);
  const ceilingOf = (x: number): number => Math.min(within[1], Math.ceil(x * 20) / 20);
  const colorOf = ({ shown }: IntervalRow): string => (shown ? ink.first : ink.second);
  return {
    title,
    plot: {
      id,
      description: `${number[0]?.toUpperCase()}${number.slice(1)} with 95 % intervals: ${upward.map(({ name, value }) => `${name} ${scoreText(value)}`).join(', ')}`,
      width: 900,
      height: 90 + rowHeight * rows.length,
      option: {
        grid: { left: 310, right: 40, top: 12, bottom: 52 },
        xAxis: axis(`${number} at 0.5`, {
          min: baselineOf(Math.min(...ends)),
          max: ceilingOf(Math.max(...ends)),
        }),
        yAxis: axis('', {
          type: 'category',
          min: undefined,
          max: undefined,
          data: labels,
          splitLine: { show: false },
          axisLabel: { color: ink.text, fontSize: 13 },
        }),
        series: [
          ...(mark === undefined
            ? []
            : [
                line(
                  '',
                  [
                    [mark, 0],
                    [mark, rows.length - 1],
                  ],
                  { color: ink.soft, type: 'dashed', width: 1.5 },
                ),
              ]),
          ...upward.flatMap((each, row) => [
            ...(each.ci95
              ? [
                  line(
                    each.name,
                    each.ci95.map((x) => [x, row] as const),
                    { color: colorOf(each), width: 3 },
                  ),
                ]
              : []),
            {
              type: 'scatter',
              data: [[each.value, row]],
              symbol: each.shown ? 'circle' : 'diamond',
              symbolSize: 13,
              itemStyle: { color: colorOf(each) },
              silent: true,
              label: {
                show: true,
                position: 'top',
                formatter: scoreText(each.value),
                color: ink.text,
                fontSize: 12,
                distance: 4,
              },
            },
          ]),
        ],
      },
    },
    table: {
      caption: title,
      columns: columnsOf('', number, '95 % interval'),
      rows: rows.map(({ name, value, ci95 }) => [name, scoreText(value), intervalText(ci95)]),
    },
  };
}

/** Macro-F1 of the model and the baselines. */
export const intervalFigure: FigureOf = (report) =>
  intervalsOf({
    id: 'intervals',
    title: 'Macro-F1 of model and floors',
    number: 'macro-F1',
    within: [0, 1],
    rows: [
      { name: 'model', value: report.macroF1, ci95: report.ci95?.macroF1, shown: true },
      ...[...report.floors]
        .reverse()
        .map((baseline) => ({ name: baseline.title, value: baseline.macroF1, ci95: baseline.ci95?.macroF1 })),
    ],
  });
