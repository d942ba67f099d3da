import type { StageRegistry } from './execute-stage.ts';
import { retry, type RetryPolicy } from './retry.ts';

/**
 * Wraps a registry so that calls are retried while it is unavailable. A stage's own retries are reserved for
 * its own failures.
 */
export function retryingRegistry(
  registry: StageRegistry,
  patience: RetryPolicy,
): Pick<
  StageRegistry,
  | 'claimStage'
  | 'noteExecution'
  | 'controlsOf'
  | 'applyControl'
  | 'findReusable'
  | 'recordStageExecution'
  | 'renewLease'
  | 'releaseLease'
> {
  return {
    claimStage: (claim) => retry(() => registry.claimStage(claim), patience),
    noteExecution: (run, execution) => retry(() => registry.noteExecution(run, execution), patience),
    controlsOf: (run, node) => retry(() => registry.controlsOf(run, node), patience),
    applyControl: (id, where, lease) => retry(() => registry.applyControl(id, where, lease), patience),
    findReusable: (key) => retry(() => registry.findReusable(key), patience),
    recordStageExecution: (execution, options) =>
      retry(() => registry.recordStageExecution(execution, options), patience),
    // A lease expires on its own, and renewal has its own timer.
    renewLease: (lease) => registry.renewLease(lease),
    releaseLease: (lease) => registry.releaseLease(lease),
  };
}
