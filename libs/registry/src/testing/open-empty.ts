import type { RunId } from '@overture/core';
import { openRegistry } from '../open-registry.ts';
import type { Registry } from '../registry.ts';
import { emptyDatabase } from './empty-database.ts';

/** Opens a registry on a new database and starts a run for each name. */
export async function openEmpty(...names: readonly string[]): Promise<{ registry: Registry; runs: RunId[] }> {
  const registry = await openRegistry({ databaseUrl: await emptyDatabase() });
  const runs = names.map((name) => `${name}/run-of-${name}` as RunId);
  for (const [i, run] of runs.entries()) await registry.startRun({ run, workflowId: names[i] as string, pipeline: 'trainInitiativeModel', input: {} });
  return { registry, runs };
}
