import { shorten, type RunId } from '@overture/core';
import type { Registry, RunSummary } from '@overture/registry';
import type { Client } from '@temporalio/client';
import pMap from 'p-map';
import { workflowChain } from './workflow-chain.ts';

/** The members of a run that are compared with Temporal. */
export type ReconciledRun = Pick<
  RunSummary,
  'id' | 'workflowId' | 'temporalRunId' | 'executionId' | 'namespaceId' | 'state'
>;

const askedAtOnce = 8;

/**
 * Compares runs with Temporal and corrects the registry. A workflow that was terminated, timed out or deleted
 * could not record its end, and a reset reopens a finished run. A run that is missing from Temporal is closed
 * only if it ran in this very namespace.
 * @returns the ids of the runs whose records changed
 */
export async function reconcileRuns(
  client: Client,
  registry: Pick<Registry, 'noteExecution' | 'observeEnd'>,
  runs: readonly ReconciledRun[],
): Promise<RunId[]> {
  if (runs.length === 0) return [];
  const namespaceId = await namespaceIdOf(client);
  const changed = await pMap(
    runs,
    async (run) => {
      const chain = await workflowChain(client, run);
      if (chain === undefined) {
        if (run.namespaceId === null || run.namespaceId !== namespaceId || run.state !== 'running')
          return false;
        return registry.observeEnd({
          run: run.id,
          executionId: run.executionId,
          state: 'deleted',
          reason: 'Temporal no longer has this workflow.',
        });
      }
      const { execution, cause, end } = chain;
      const isNew = cause !== 'started' && execution !== run.executionId;
      if (isNew) await registry.noteExecution(run.id, { id: execution, cause });
      if (end === undefined || (run.state !== 'running' && !isNew)) return isNew;
      const closed = await registry.observeEnd({
        run: run.id,
        executionId: cause === 'started' ? null : execution,
        state: end.state,
        reason: end.reason && shorten(end.reason, 2_000),
        at: end.at,
      });
      return closed || isNew;
    },
    { concurrency: askedAtOnce },
  );
  return runs.filter((_, i) => changed[i]).map(({ id }) => id);
}

/** Temporal's id of a client's namespace, which is unique across servers. */
export async function namespaceIdOf(
  client: Pick<Client, 'workflowService' | 'options'>,
): Promise<string | undefined> {
  const { namespaceInfo } = await client.workflowService.describeNamespace({
    namespace: client.options.namespace,
  });
  return namespaceInfo?.id || undefined;
}
