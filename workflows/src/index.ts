export { pipelines } from './pipelines.ts';
export { planQuery, type PlanRun } from './run-plan.ts';
export { abortUpdate, retryStageUpdate, skipStageUpdate } from './run-updates.ts';
export { stateQuery } from './state-board.ts';
export { trainInitiativeModelPipeline } from './train-initiative-model.ts';
export { trainInitiativeModel } from './workflows.ts';
export { workflowsUrl } from './workflows-path.ts';
