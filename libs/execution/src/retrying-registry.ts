import type { StageRegistry } from './stage-registry.ts';
import { retry, type RetryPolicy } from './retry.ts';

/**
 * Wraps a registry so that calls are retried while it is unavailable. A stage's own retries are reserved for
 * its own failures.
 */
export function retryingRegistry(
  registry: StageRegistry,
  policy: RetryPolicy,
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
    claimStage: (claim) => retry(() => registry.claimStage(claim), policy),
    noteExecution: (run, execution) => retry(() => registry.noteExecution(run, execution), policy),
    controlsOf: (run, node) => retry(() => registry.controlsOf(run, node), policy),
    applyControl: (id, where, lease) => retry(() => registry.applyControl(id, where, lease), policy),
    findReusable: (key) => retry(() => registry.findReusable(key), policy),
    recordStageExecution: (execution, options) =>
      retry(() => registry.recordStageExecution(execution, options), policy),
    // A lease expires on its own, and renewal has its own timer.
    renewLease: (lease) => registry.renewLease(lease),
    releaseLease: (lease) => registry.releaseLease(lease),
  };
}
