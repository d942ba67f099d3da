import { metricNames, type EvaluationReport } from '@overture/metrics';
import type { Metric } from '@overture/registry';
import { renderHtml, renderMarkdown } from '@overture/report';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a report as JSON, Markdown and HTML, together with other files. */
export async function writeReport(
  folder: string,
  report: EvaluationReport,
  beside: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFiles(folder, {
    'report.json': `${JSON.stringify(report, undefined, 2)}\n`,
    'report.md': renderMarkdown(report),
    'report.html': renderHtml(report),
    ...beside,
  });
}

/** Writes files by name to a folder, which is created if missing. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/**
 * A report's numbers for the registry: those of the model on the reported split, and those of each baseline.
 */
export function metricsOf(report: EvaluationReport): Metric[] {
  const of = (scope: string, scores: EvaluationReport['floors'][number] | EvaluationReport): Metric[] =>
    metricNames.flatMap((name) => (scores[name] === null ? [] : [{ scope, name, value: scores[name] }]));
  return [
    ...of(report.split, report),
    ...report.floors.flatMap((baseline) => of(`floor:${baseline.name}`, baseline)),
  ];
}
