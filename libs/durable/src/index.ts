export { durable, type DurableOptions, type DurableResult, type DurableWorkflow } from './durable.ts';
export type { ContinueAsNewState } from './interpret.ts';
export { planQuery, type PlanRun } from './run-plan.ts';
export {
  abortUpdate,
  controlStageUpdate,
  decideGateUpdate,
  retryStageUpdate,
  skipStageUpdate,
} from './run-updates.ts';
export type { SearchableValues } from './search-attributes.ts';
export { stateQuery } from './state-board.ts';
