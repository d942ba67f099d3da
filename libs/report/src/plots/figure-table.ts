import { calibrationFigure } from './calibration-figure.ts';
import type { FigureOf } from './figure.ts';
import { precisionRecallFigure } from './precision-recall-figure.ts';
import { rocFigure } from './roc-figure.ts';
import { thresholdFigure } from './threshold-figure.ts';

/** The small plots of the page, in order. To add one: a file here and a row. */
export const figureTable: readonly FigureOf[] = [
  precisionRecallFigure,
  rocFigure,
  calibrationFigure,
  thresholdFigure,
];
