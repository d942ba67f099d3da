import type { RunId } from '@overture/core';
import type { RunRegistry } from '../../registry.ts';

/** An empty registry, and a way to connect to it again, unless it is private to its connection. */
export interface RegistryUnderTest {
  readonly registry: RunRegistry;
  readonly connect?: () => Promise<RunRegistry>;
}

/** Opens an empty registry and starts a run for each name. */
export type OpenEmpty = (
  ...names: readonly string[]
) => Promise<RegistryUnderTest & { readonly runs: readonly RunId[] }>;

/** Starts a run for each name. */
export async function startRuns(registry: RunRegistry, names: readonly string[]): Promise<RunId[]> {
  const runs = names.map((name) => `${name}/run-of-${name}` as RunId);
  for (const [i, run] of runs.entries())
    await registry.startRun({
      run,
      workflowId: names[i] as string,
      pipeline: 'trainInitiativeModel',
      input: {},
    });
  return runs;
}
