import type { ArtifactStore } from '@overture/artifacts';
import type { StageProgress } from '@overture/contracts';
import type { Digest, RunId } from '@overture/core';
import type { ResolveBaseModelOptions } from '@overture/models';
import type { Metric, Registry } from '@overture/registry';

/** Where a stage says what it does; a pino logger fits. */
export interface StageLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** A corpus that a worker knows by name. */
export interface NamedCorpus {
  readonly name: string;
  readonly uri: string;
}

/** What the application decides once for all stages of a worker. None of it changes what a stage gives. */
export interface StageSettings {
  /** Folder for what must survive an attempt: checkpoints. */
  readonly stateDir: string;
  /** Where base models may be looked for. */
  readonly baseModels: Pick<ResolveBaseModelOptions, 'cacheDir' | 'localFolder' | 'huggingFaceCache' | 'hubUrl' | 'hubToken' | 'packageMirror' | 'env' | 'fetch'>;
  /** The first is the default when an input names no corpus. */
  readonly corpora: readonly NamedCorpus[];
  /** Threads of one training or prediction. */
  readonly threads: number;
  readonly checkpointEverySteps: number;
}

/** What an implementation is given beside its input. */
export interface StageContext {
  readonly artifacts: ArtifactStore;
  readonly registry: Pick<Registry, 'registerModel'>;
  readonly run: RunId;
  readonly settings: StageSettings;
  readonly logger: StageLogger;
  /** Aborted when the run is cancelled or the worker shuts down. */
  readonly signal: AbortSignal;
  /** An empty folder of this attempt's own, removed afterwards. */
  readonly workDir: string;
  /** The identity of this stage's work; names what must be found again by the next attempt. */
  readonly cacheKey: Digest;
  /** Shows where the stage is. Cheap: call it as often as something changes. */
  heartbeat(progress: Omit<StageProgress, 'stage'>): void;
  /** Runs `cleanUp` once the output is recorded, so that nothing is lost should the worker die before. */
  whenRecorded(cleanUp: () => Promise<void>): void;
  /** Numbers of record about this execution, kept in the registry. */
  metrics(measured: readonly Metric[]): void;
}
