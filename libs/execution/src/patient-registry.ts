import type { StageRegistry } from './execute-stage.ts';
import { patiently, type Patience } from './patiently.ts';

/** A registry whose answers a stage waits for while it is away: its own retries are for its own failures. */
export function patientRegistry(registry: StageRegistry, patience: Patience): Pick<StageRegistry, 'claimStage' | 'findReusable' | 'recordStageExecution' | 'renewLease' | 'releaseLease'> {
  return {
    claimStage: (claim) => patiently(() => registry.claimStage(claim), patience),
    findReusable: (key) => patiently(() => registry.findReusable(key), patience),
    recordStageExecution: (execution) => patiently(() => registry.recordStageExecution(execution), patience),
    // A lease ends by itself, and renewing has a timer of its own.
    renewLease: (lease) => registry.renewLease(lease),
    releaseLease: (lease) => registry.releaseLease(lease),
  };
}
