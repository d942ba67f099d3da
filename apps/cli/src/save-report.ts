import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifactPlace, openArtifacts } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import type { EvaluationReport } from '@overture/metrics';
import type { CliContext } from './context.ts';

/** A report copied out of the artifact store. */
export interface SavedReport {
  /** Path of the HTML page. */
  readonly page: string;
  /** The whole report, including curves and slices. */
  readonly report: EvaluationReport;
}

interface Reported {
  readonly workflowId: string;
  readonly artifacts: { readonly report: ArtifactRef<'report'> };
}

/** Copies a run's report from the artifact store to a report folder of the project. */
export async function saveReport(context: CliContext, reported: Reported): Promise<SavedReport> {
  const folder = await saveReportFolder(context, reported);
  return {
    page: join(folder, 'report.html'),
    report: JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as EvaluationReport,
  };
}

/**
 * Copies a report of any kind.
 * @returns the folder
 */
export async function saveReportFolder(
  { env, home, cacheDir }: CliContext,
  { workflowId, artifacts }: Reported,
): Promise<string> {
  const folder = join(home, 'reports', workflowId.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const store = await openArtifacts(artifactPlace(env, { home, cacheDir }));
  await store.materialize(artifacts.report, folder);
  return folder;
}
