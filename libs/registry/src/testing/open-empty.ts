import type { RunId } from '@overture/core';
import { openRegistry } from '../open-registry.ts';
import type { Registry } from '../registry.ts';
import { startRuns } from './conformance/open-empty.ts';
import { emptyDatabase } from './empty-database.ts';

/** Opens a registry on a new database and starts a run for each name. */
export async function openEmpty(...names: readonly string[]): Promise<{ registry: Registry; runs: RunId[] }> {
  const registry = await openRegistry({ databaseUrl: await emptyDatabase() });
  return { registry, runs: await startRuns(registry, names) };
}
