import type { ArtifactStore } from '@overture/artifacts';
import type { StageProgress } from '@overture/protocol';
import type { Digest, RunId } from '@overture/core';
import type { Metric } from '@overture/registry';
import type { StageControls } from './stage-controls.ts';

/** The logger of a stage; compatible with pino. */
export interface StageLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/**
 * What an implementation receives besides its input. `Settings` are the application's settings for all its
 * stages. `AppRegistry` is the part of the registry that its stages use, such as the models.
 */
export interface StageContext<Settings = unknown, AppRegistry = unknown> {
  readonly artifacts: ArtifactStore;
  readonly registry: AppRegistry;
  readonly run: RunId;
  /** Settings must not affect a stage's output. */
  readonly settings: Settings;
  readonly logger: StageLogger;
  /** Aborted if the run is canceled, the worker shuts down, or another worker has taken over the stage. */
  readonly signal: AbortSignal;
  /** An empty folder for this attempt. It is created on first access and removed afterwards. */
  readonly workDir: string;
  /** The cache key of this execution. Use it to name anything that the next attempt must find again. */
  readonly cacheKey: Digest;
  /** The control requests for the stage, if its contract accepts any. */
  readonly controls: StageControls;
  /** Reports progress. Cheap: call it on every change. */
  heartbeat(progress: Omit<StageProgress, 'stage'>): void;
  /** Runs `cleanUp` once the output is recorded, so that nothing is lost if the worker dies before that. */
  whenRecorded(cleanUp: () => Promise<void>): void;
  /** Records metrics of this execution in the registry. */
  metrics(measured: readonly Metric[]): void;
}
