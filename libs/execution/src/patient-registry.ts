import type { StageRegistry } from './execute-stage.ts';
import { patiently, type Patience } from './patiently.ts';

/**
 * Wraps a registry so that calls are retried while it is unavailable. A stage's own retries are reserved for
 * its own failures.
 */
export function patientRegistry(
  registry: StageRegistry,
  patience: Patience,
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
    claimStage: (claim) => patiently(() => registry.claimStage(claim), patience),
    noteExecution: (run, execution) => patiently(() => registry.noteExecution(run, execution), patience),
    controlsOf: (run, node) => patiently(() => registry.controlsOf(run, node), patience),
    applyControl: (id, where, lease) => patiently(() => registry.applyControl(id, where, lease), patience),
    findReusable: (key) => patiently(() => registry.findReusable(key), patience),
    recordStageExecution: (execution, options) =>
      patiently(() => registry.recordStageExecution(execution, options), patience),
    // A lease expires on its own, and renewal has its own timer.
    renewLease: (lease) => registry.renewLease(lease),
    releaseLease: (lease) => registry.releaseLease(lease),
  };
}
