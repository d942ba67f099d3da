import type { EvaluationReport } from '@overture/metrics';
import type { RenderOptions } from './worst-error.ts';

/** The title of a report. */
export function titleOf(report: EvaluationReport, options: RenderOptions): string {
  return options.title ?? `System initiative on ${report.corpus}, ${report.split}`;
}
