import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openFilesystemStore } from '@overture/artifacts';
import type { TrainResult } from '@overture/contracts';

/** Copies a run's report out of the artifact store to a folder that a person finds, and gives the path of its page. */
export async function saveReport(artifactsDir: string, { workflowId, artifacts }: Pick<TrainResult, 'workflowId' | 'artifacts'>, home: string): Promise<string> {
  const folder = join(home, 'reports', workflowId.replaceAll(/[^\w.-]/g, '_'));
  await mkdir(dirname(folder), { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const store = await openFilesystemStore({ root: artifactsDir });
  await store.materialize(artifacts.report, folder);
  return join(folder, 'report.html');
}
