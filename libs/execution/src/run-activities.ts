import type { RunActivities } from '@overture/contracts';
import type { Registry } from '@overture/registry';
import { stageFailure } from './stage-failure.ts';

/** The activities that open and close a run in the registry. */
export function runActivities(registry: Pick<Registry, 'startRun' | 'finishRun'>): RunActivities {
  return {
    beginRun: (request) => registry.startRun(request).catch(asFailure),
    endRun: (request) => registry.finishRun(request).catch(asFailure),
  };
}

function asFailure(thrown: unknown): never {
  throw stageFailure(thrown);
}
