import type { LookUpActivities } from '@overture/protocol';
import type { StageContract } from '@overture/dag';
import { Context } from '@temporalio/activity';
import { lookUpStages, type LookUpServices, type StageImplementation } from '@overture/execution';
import { stageFailure } from './stage-failure.ts';

/**
 * Creates the activity that looks up stages of a run. `stages` are the stages whose activities run on the
 * same workers.
 */
export function lookUpActivities<Settings>(
  stages: readonly StageImplementation<StageContract, Settings, never>[],
  services: LookUpServices<Settings>,
): LookUpActivities {
  return {
    async lookUpStages(request) {
      const { cancellationSignal: signal, info } = Context.current();
      try {
        return await lookUpStages(request, stages, { services, signal, activityId: info.activityId });
      } catch (thrown) {
        throw stageFailure(thrown);
      }
    },
  };
}
