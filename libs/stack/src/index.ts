export { openDatabase, openStack } from './open-stack.ts';
export { userHomeFolder, writableCacheFolder } from './own-folders.ts';
export { cacheFolder, homePaths, type HomePaths, type MachineSettings } from './paths.ts';
export { readRunningStack } from './running-stack.ts';
export type { Database, Stack, StackOptions, StackProgress } from './stack-options.ts';
export type { Service, StackState } from './stack-state.ts';
export {
  ensureTemporalBinary,
  type TemporalBinary,
  type TemporalBinaryOptions,
} from './temporal/temporal-binary.ts';
export { connectionOptions } from './temporal/temporal-connection.ts';
export { temporalReady, type TemporalReadyOptions } from './temporal/temporal-server.ts';
export {
  temporalSettings,
  type TemporalAccess,
  type TemporalSettings,
} from './temporal/temporal-settings.ts';
export { temporalVersion } from './temporal/temporal-sources.ts';
export { postgresReady } from './postgres/postgres-server.ts';
export { postgresPrograms, type PostgresPrograms } from './postgres/postgres-programs.ts';
export { assertUsableFolder } from './usable-folder.ts';
export { isRunning, type ProcessIdentity } from './process-identity.ts';
