import type { RunActivities } from '@overture/protocol';
import type { Registry } from '@overture/registry';
import { stageFailure } from './stage-failure.ts';

/**
 * Creates the activities that open and close a run in the registry, and that record failures and control
 * requests.
 * @param namespaceId Temporal's id of the namespace that the worker serves
 */
export function runActivities(
  registry: Pick<
    Registry,
    'startRun' | 'finishRun' | 'requestControl' | 'noteExecution' | 'recordStageExecution'
  >,
  namespaceId?: string,
): RunActivities {
  return {
    beginRun: (request) => registry.startRun({ ...request, namespaceId }).catch(asFailure),
    endRun: (request) => registry.finishRun(request).catch(asFailure),
    async recordFailure({ execution, message, code, ...failure }) {
      try {
        if (execution !== undefined) await registry.noteExecution(failure.run, execution);
        await registry.recordStageExecution({
          ...failure,
          cacheKey: null,
          outcome: { state: 'failed', error: { code, message, details: {}, retryable: false } },
        });
      } catch (thrown) {
        asFailure(thrown);
      }
    },
    requestControl: (request) => registry.requestControl(request).catch(asFailure),
  };
}

function asFailure(thrown: unknown): never {
  throw stageFailure(thrown);
}
