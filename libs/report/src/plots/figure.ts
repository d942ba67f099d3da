import type { EvaluationReport } from '@overture/metrics';
import type { Table } from '../table.ts';
import type { Plot } from './svg-plot.ts';

/** A plot, and the same numbers as a table. */
export interface Figure {
  readonly title: string;
  readonly plot: Plot;
  readonly table: Table;
}

/** Draws a figure from a report; null if there is nothing to draw. */
export type FigureOf = (report: EvaluationReport) => Figure | null;

/** At most `count` items, evenly spaced, including the first and the last, so that a table stays readable. */
export function sampled<T>(items: readonly T[], count = 21): readonly T[] {
  if (items.length <= count) return items;
  return items.filter(
    (_, i) =>
      i === items.length - 1 ||
      Math.floor((i * (count - 1)) / (items.length - 1)) !==
        Math.floor(((i - 1) * (count - 1)) / (items.length - 1)),
  );
}

/** The size of a small plot in pixels. */
export const square = { width: 440, height: 330 } as const;
/** The margins of a small plot in pixels. */
export const squareGrid = { left: 56, right: 20, top: 14, bottom: 52 } as const;
