export { pipelines } from './pipelines.ts';
export { stateQuery, type PlanRun } from './run-plan.ts';
export { trainInitiativeModelPipeline } from './train-initiative-model.ts';
export { trainInitiativeModel } from './workflows.ts';
export { workflowsUrl } from './workflows-path.ts';
