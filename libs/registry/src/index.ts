export { pingDatabase } from './connect.ts';
export type { MigrationState } from './migrations.ts';
export { checkDatabase, migrateDatabase, openRegistry, type OpenRegistryOptions } from './open-registry.ts';
export type {
  AppliedTo,
  ClaimAnswer,
  EarlierExecution,
  HeldLease,
  Metric,
  Model,
  ModelVersion,
  NewControl,
  NewModelVersion,
  NewPromotion,
  PartCost,
  Promotion,
  RecordedExecution,
  RecordedStage,
  Registry,
  RegistryLogger,
  ReusableExecution,
  RunDetails,
  RunFilter,
  RunSummary,
  StageClaim,
  StageControl,
  StageExecution,
} from './registry.ts';
