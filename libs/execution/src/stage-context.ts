import type { ArtifactStore } from '@overture/artifacts';
import type { StageProgress } from '@overture/contracts';
import type { Digest, RunId } from '@overture/core';
import type { Metric, Registry } from '@overture/registry';
import type { StageControls } from './stage-controls.ts';

/** Where a stage says what it does; a pino logger fits. */
export interface StageLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What an implementation is given beside its input. `Settings` is what the application decides once for all its stages. */
export interface StageContext<Settings = unknown> {
  readonly artifacts: ArtifactStore;
  readonly registry: Pick<Registry, 'registerModel' | 'getModel' | 'recordPromotion' | 'costsOfParts'>;
  readonly run: RunId;
  /** None of them may change what a stage gives. */
  readonly settings: Settings;
  readonly logger: StageLogger;
  /** Aborted when the run is cancelled, the worker shuts down, or another has taken the work over. */
  readonly signal: AbortSignal;
  /** An empty folder of this attempt's own, made when asked for and removed afterwards. */
  readonly workDir: string;
  /** The identity of this stage's work; names what must be found again by the next attempt. */
  readonly cacheKey: Digest;
  /** What people ask of the stage, if its contract says `controllable`. */
  readonly controls: StageControls;
  /** Shows where the stage is. Cheap: call it as often as something changes. */
  heartbeat(progress: Omit<StageProgress, 'stage'>): void;
  /** Runs `cleanUp` once the output is recorded, so that nothing is lost should the worker die before. */
  whenRecorded(cleanUp: () => Promise<void>): void;
  /** Numbers of record about this execution, kept in the registry. */
  metrics(measured: readonly Metric[]): void;
}
