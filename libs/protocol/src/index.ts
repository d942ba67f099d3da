export {
  assertApplication,
  defineApplication,
  type Application,
  type ApplicationDefinition,
  type SearchAttributes,
  type SearchAttributeType,
} from './application.ts';
export { artifact, digestSchema, type ArtifactRef } from './artifact-ref.ts';
export { inputLimitProblem, inputLimits } from './input-limits.ts';
export type { KnownTask, LookUpActivities, LookUpAnswer, LookUpRequest } from './look-up-call.ts';
export type {
  BeginRunRequest,
  ControlRequest,
  EndRunRequest,
  LaterExecution,
  RunActivities,
  RunOutcome,
  StageFailureRequest,
} from './run-calls.ts';
export {
  runControl,
  runControlSchema,
  runUpdates,
  type AbortRequest,
  type ControlStageRequest,
  type DecideGateRequest,
  type RetryStageRequest,
  type RunControl,
  type RunUpdateAnswer,
  type RunUpdateName,
  type SkipStageRequest,
} from './run-control.ts';
export type { RunState, StageState, StageStatus } from './run-state.ts';
export { stageOutcome, type StageOutcome, type StageRequest } from './stage-call.ts';
export { stageProgress, type StageProgress } from './stage-progress.ts';
