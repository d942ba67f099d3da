export { openRegistry, type OpenRegistryOptions } from './open-registry.ts';
export type {
  Metric,
  Model,
  ModelVersion,
  NewModelVersion,
  RecordedExecution,
  RecordedStage,
  Registry,
  RegistryLogger,
  ReusableExecution,
  RunDetails,
  RunFilter,
  RunSummary,
  StageExecution,
} from './registry.ts';
