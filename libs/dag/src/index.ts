export { cacheKey, declaredEnvironment, type CacheKeyParts } from './cache-key.ts';
export { checkPlan } from './check-plan.ts';
export { allOf, anyOf, atLeast, equals, firstOf, isTrue, not } from './conditions.ts';
export { explainKey, keyChangeText, type KeyChange } from './explain-key.ts';
export { gateDecision, type GateDecision } from './gate-decision.ts';
export { combinedPatch, mergePatch, type JsonObject } from './merge-patch.ts';
export { inputProblems, issueSentence, parseInput, parseJson, parseOutput } from './parse-input.ts';
export {
  pipeline,
  type EachOptions,
  type GateOptions,
  type OutputOf,
  type Pipeline,
  type PipelineOptions,
  type Prepared,
  type Run,
  type Runnable,
  type RunOptions,
} from './pipeline.ts';
export type {
  Binding,
  Condition,
  GateNode,
  MapNode,
  NodeReuse,
  PipelineCall,
  PipelineNode,
  Plan,
  PlanNode,
  StageCall,
  StageNode,
} from './plan.ts';
export { conditionText, planToMermaid, printPlan } from './print-plan.ts';
export type { Dereferenced, ListReference, Ref, Reference } from './reference.ts';
export { reuseRule, withReuse, type ReuseRule } from './reuse-rule.ts';
export { holds, resolveBinding, type Outputs } from './resolve-binding.ts';
export {
  assertImplemented,
  codeOf,
  runInProcess,
  type CallInfo,
  type InProcessOptions,
  type ParkDecision,
  type StageCode,
} from './run-in-process.ts';
export type { ScheduleEvent } from './schedule-event.ts';
export { Schedule, type ScheduleOptions } from './schedule.ts';
export {
  defineStage,
  type StageContract,
  type StageControlContract,
  type StageDefinition,
  type StageRetry,
  type StageTimeouts,
} from './stage-contract.ts';
export type { Failure, Task, TaskState, TaskStatus } from './task-state.ts';
export type { Wired, WiringError } from './wiring.ts';
