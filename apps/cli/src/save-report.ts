import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { artifactPlace, openArtifacts } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/contracts';
import type { EvaluationReport } from '@overture/metrics';
import type { CliContext } from './context.ts';

export interface SavedReport {
  /** Path of the page that a person opens. */
  readonly page: string;
  /** The whole report, curves and slices included. */
  readonly report: EvaluationReport;
}

interface Reported {
  readonly workflowId: string;
  readonly artifacts: { readonly report: ArtifactRef<'report'> };
}

/** Copies a run's report out of the artifact store to a folder that a person finds. */
export async function saveReport(context: CliContext, reported: Reported): Promise<SavedReport> {
  const folder = await saveReportFolder(context, reported);
  return { page: join(folder, 'report.html'), report: JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as EvaluationReport };
}

/** The same for a report of any kind; gives the folder. */
export async function saveReportFolder({ env, home, cacheDir }: CliContext, { workflowId, artifacts }: Reported): Promise<string> {
  const folder = join(home, 'reports', workflowId.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const store = await openArtifacts(artifactPlace(env, { home, cacheDir }));
  await store.materialize(artifacts.report, folder);
  return folder;
}
