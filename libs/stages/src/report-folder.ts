import { metricNames, type EvaluationReport } from '@overture/metrics';
import type { Metric } from '@overture/registry';
import { renderHtml, renderMarkdown } from '@overture/report';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes a report as JSON, as Markdown and as a page, and other files beside it. */
export async function writeReport(folder: string, report: EvaluationReport, beside: Readonly<Record<string, string>> = {}): Promise<void> {
  await writeFiles(folder, { 'report.json': `${JSON.stringify(report, undefined, 2)}\n`, 'report.md': renderMarkdown(report), 'report.html': renderHtml(report), ...beside });
}

/** Files by name, in a folder made for them. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/** The numbers of a report for the registry: of the model on the reported split, and of each floor. */
export function metricsOf(report: EvaluationReport): Metric[] {
  const of = (scope: string, scores: EvaluationReport['floors'][number] | EvaluationReport): Metric[] =>
    metricNames.flatMap((name) => (scores[name] === null ? [] : [{ scope, name, value: scores[name] }]));
  return [...of(report.split, report), ...report.floors.flatMap((floor) => of(`floor:${floor.name}`, floor))];
}
