export { crossValidateFoldPipeline, crossValidatePipeline } from './cross-validate.ts';
export { pipelines } from './pipelines.ts';
export { durable, type DurableOptions, type DurableResult } from './durable.ts';
export { planQuery, type PlanRun } from './run-plan.ts';
export { abortUpdate, decideGateUpdate, retryStageUpdate, skipStageUpdate } from './run-updates.ts';
export { stateQuery } from './state-board.ts';
export { trainInitiativeModelPipeline } from './train-initiative-model.ts';
export { crossValidate, trainInitiativeModel } from './workflows.ts';
export { workflowsUrl } from './workflows-path.ts';
