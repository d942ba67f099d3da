export { artifactsIn } from './artifacts-in.ts';
export { executeStage, type StageAttempt, type StageRegistry, type StageServices } from './execute-stage.ts';
export { implement, implementing, type Implement, type StageImplementation } from './implement.ts';
export { patiently, type Patience } from './patiently.ts';
export { planReuse, type NodeOutlook, type PlanningServices } from './plan-reuse.ts';
export { runActivities } from './run-activities.ts';
export { stageActivities, unknownStage, type StageActivity } from './stage-activities.ts';
export type { StageContext, StageLogger } from './stage-context.ts';
export { clearLeftOverWork } from './work-folder.ts';
