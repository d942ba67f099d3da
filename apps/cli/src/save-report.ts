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

/** Copies a run's report out of the artifact store to a folder that a person finds. */
export async function saveReport(
  { env, home, cacheDir }: CliContext,
  { workflowId, artifacts }: { readonly workflowId: string; readonly artifacts: { readonly report: ArtifactRef<'report'> } },
): Promise<SavedReport> {
  const folder = join(home, 'reports', workflowId.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const store = await openArtifacts(artifactPlace(env, { home, cacheDir }));
  await store.materialize(artifacts.report, folder);
  return { page: join(folder, 'report.html'), report: JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as EvaluationReport };
}
