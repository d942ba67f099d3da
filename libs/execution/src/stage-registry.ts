import type { RunRegistry } from '@overture/registry';
import type { LeaseRegistry } from './stage-lease.ts';

/** The part of the registry that executing a stage uses. */
export type StageRegistry = Pick<
  RunRegistry,
  'recordStageExecution' | 'executionOf' | 'noteExecution' | 'controlsOf' | 'applyControl'
> &
  LeaseRegistry;
