export { lookUpActivities } from './look-up-activities.ts';
export { namespaceIdOf, reconcileRuns, type ReconciledRun } from './reconcile-runs.ts';
export { runActivities } from './run-activities.ts';
export { runWorkers } from './run-workers.ts';
export { registerSearchAttributes, type SearchAttributesRequest } from './search-attributes.ts';
export { stageActivities, unknownStage, type StageActivity } from './stage-activities.ts';
export { sweepRuns, type SweepOptions } from './sweep-runs.ts';
export { createWorkers, type WorkersOptions, type WorkerServices } from './workers.ts';
