import type { RunActivities } from '@overture/contracts';
import type { Registry } from '@overture/registry';
import { stageFailure } from './stage-failure.ts';

/**
 * The activities that open and close a run in the registry, and keep what people ask of its stages.
 * @param namespaceId Temporal's, of the namespace that the worker serves
 */
export function runActivities(registry: Pick<Registry, 'startRun' | 'finishRun' | 'requestControl'>, namespaceId?: string): RunActivities {
  return {
    beginRun: (request) => registry.startRun({ ...request, namespaceId }).catch(asFailure),
    endRun: (request) => registry.finishRun(request).catch(asFailure),
    requestControl: (request) => registry.requestControl(request).catch(asFailure),
  };
}

function asFailure(thrown: unknown): never {
  throw stageFailure(thrown);
}
