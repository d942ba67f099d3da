import { assertApplication } from '@overture/protocol';
import { Client } from '@temporalio/client';
import { namespaceIdOf } from './reconcile-runs.ts';
import { registerSearchAttributes } from './search-attributes.ts';
import { sweepRuns } from './sweep-runs.ts';
import { createWorkers, type WorkersOptions } from './workers.ts';

/**
 * Serves an application until the process is asked to stop: registers its search attributes, runs its
 * workers, and compares the registry's open runs with Temporal every five minutes.
 * @throws AppError `TEMPORAL_SEARCH_ATTRIBUTES_MISSING`, `QUEUE_UNKNOWN`
 */
export async function runWorkers<Settings, Queue extends string, AppRegistry>(
  options: Omit<WorkersOptions<Settings, Queue, AppRegistry>, 'namespaceId'> & {
    readonly onReady?: () => void;
  },
): Promise<void> {
  const { application, connection, namespace = 'default', services, onReady } = options;
  assertApplication(application, 'runWorkers');
  const { queues = [application.workflowQueue] } = options;
  await registerSearchAttributes(connection, { namespace, searchAttributes: application.searchAttributes });
  const client = new Client({ connection, namespace });
  const workers = await createWorkers({ ...options, namespaceId: await namespaceIdOf(client) });
  const running = Promise.all(workers.map((worker) => worker.run()));
  onReady?.();
  using _sweep = queues.includes(application.workflowQueue)
    ? sweepRuns({ client, registry: services.registry, logger: services.logger })
    : undefined;
  await running;
}
