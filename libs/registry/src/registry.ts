import type { ArtifactRef, BeginRunRequest, EndRunRequest, LaterExecution, RunOutcome } from '@overture/contracts';
import type { Digest, RunId } from '@overture/core';

/** What the lib says aside from its results; a pino logger fits. */
export interface RegistryLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** How one activity that stands for a stage ended. */
export interface StageExecution {
  readonly run: RunId;
  /** The node of the plan, and the name and version of its contract. */
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  /** `null` when it failed before the key was known. */
  readonly cacheKey: Digest | null;
  /** What else went into the key beside stage, version and input: plain data. */
  readonly fingerprint?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  /** What people asked of it that changed its outputs: part of the key where there was any. */
  readonly controls?: unknown;
  /** The lease under which it was computed; released together with the record. */
  readonly lease?: Pick<HeldLease, 'cacheKey' | 'token'>;
  readonly input: unknown;
  readonly durationMs: number;
  /** Temporal's id of the activity and its attempt, from 1: they tell failures apart. Default: '' and 1. */
  readonly activityId?: string;
  readonly attempt?: number;
  /** Numbers of the run that this execution measured, recorded with it. A run that reuses its outputs is given them as well. */
  readonly metrics?: readonly Metric[];
  /** `from` is the execution whose outputs were reused; default: the newest that ran under the key. */
  readonly outcome:
    | { readonly state: 'ran'; readonly outputs: unknown }
    | { readonly state: 'reused'; readonly outputs: unknown; readonly from?: string }
    | { readonly state: 'failed'; readonly error: unknown };
}

/** What the registry now holds for an execution. */
export interface RecordedExecution {
  readonly id: string;
  /**
   * Whether this call wrote it. If not, an earlier attempt of the same run, node and key had done so: its outputs are the ones
   * everybody sees, and the caller should return them in place of its own.
   */
  readonly recorded: boolean;
  /** `null` of a failure. */
  readonly outputs: unknown;
}

/** A successful execution with the wanted cache key. */
export interface ReusableExecution {
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  readonly outputs: unknown;
  readonly recordedAt: Date;
}

/** A wish to compute a stage, unless its output is known or somebody else computes it now. */
export interface StageClaim {
  readonly run: RunId;
  readonly node: string;
  readonly stage: string;
  readonly cacheKey: Digest;
  readonly activityId: string;
  readonly attempt: number;
  /** Whether an earlier output will do. */
  readonly reuse: boolean;
  /** How long the lease stands without being renewed, milliseconds. */
  readonly leaseMs: number;
}

/** A lease and its next term. */
export interface HeldLease {
  readonly cacheKey: Digest;
  readonly token: string;
  readonly leaseMs: number;
}

/** What the key of an earlier execution was made of, besides the stage. */
export interface EarlierExecution {
  readonly run: RunId;
  readonly version: number;
  readonly input: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly fingerprint: unknown;
  readonly controls: unknown;
  readonly recordedAt: Date;
}

/** What somebody asks of a stage while it is at work. */
export interface NewControl {
  /** A UUID of the asker's: asked again with the same one, it is one wish. */
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  /** Plain data, which the stage knows. */
  readonly action: unknown;
  readonly by: string | null;
}

/** Such a wish, and where it took effect. */
export interface StageControl extends NewControl {
  readonly askedAt: Date;
  /** `null` until it takes effect. */
  readonly applied: AppliedTo | null;
}

/** In which work, by its cache key as without controls, after which of its steps, and whether it changed what the work gave. */
export interface AppliedTo {
  readonly cacheKey: Digest;
  readonly step: number;
  readonly changesResult: boolean;
}

/** What came of a claim: an output to reuse, a lease for the claimant, or somebody who computes it already. */
export type ClaimAnswer =
  | { readonly kind: 'reusable'; readonly execution: ReusableExecution }
  /** `before` is the newest success of the same stage at the same node, in any run; `contended` asks to look for an output once more. */
  | { readonly kind: 'leased'; readonly token: string; readonly contended: boolean; readonly before: EarlierExecution | undefined }
  | { readonly kind: 'held'; readonly by: { readonly run: RunId; readonly node: string } };

/** A number measured in a run. `scope` says on what (`valid`, `floor:always-no`, `training`); `step` places it in a series. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly scope: string;
  readonly step?: number;
}

/** What an execution of a run's part took, when it ran; whoever reuses its output names it too. */
export interface PartCost {
  /** Of the part, `<run's workflow id>/<node>`. */
  readonly workflowId: string;
  readonly stage: string;
  readonly seconds: number;
  /** Metrics that it measured in scopes that begin with `cost`, by name. */
  readonly measured: Readonly<Record<string, number>>;
}

/** Where a run is. `terminated`, `timedOut` and `deleted`: Temporal ended the workflow, which could not say so itself. */
export type RecordedState = 'running' | RunOutcome | 'terminated' | 'timedOut' | 'deleted';

/** One execution of a run's workflow; see `LaterExecution`. */
export interface RunExecution {
  readonly execution: string;
  readonly cause: 'started' | LaterExecution['cause'];
  /** How it ended, once another one took its place; `continued` as new. */
  readonly ended: 'continued' | Exclude<RecordedState, 'running'> | null;
  readonly noticedAt: Date;
}

/** The end of a run as Temporal tells it. */
export interface ObservedEnd {
  readonly run: RunId;
  readonly state: Exclude<RecordedState, 'running'>;
  /** In a sentence, where something is known. */
  readonly reason?: string;
  readonly at?: Date;
}

export interface RunSummary {
  readonly id: RunId;
  readonly workflow: string;
  readonly workflowId: string;
  readonly temporalRunId: string;
  /** Temporal's run id of the execution that counts now; `null` while it is the first. */
  readonly executionId: string | null;
  readonly namespaceId: string | null;
  readonly state: RecordedState;
  readonly input: unknown;
  readonly result: unknown;
  readonly error: unknown;
  /** Who said how it ended: the workflow, or Temporal when it was asked. */
  readonly endedBy: 'workflow' | 'temporal' | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export interface RecordedStage {
  readonly id: string;
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  readonly cacheKey: Digest | null;
  readonly fingerprint: unknown;
  readonly environment: unknown;
  readonly controls: unknown;
  readonly state: 'ran' | 'reused' | 'failed';
  readonly input: unknown;
  readonly outputs: unknown;
  readonly error: unknown;
  readonly reusedFrom: string | null;
  readonly attempt: number;
  readonly durationMs: number;
  readonly recordedAt: Date;
  /** Lineage: which artifacts went in and came out, and where in the input and the outputs they stood. */
  readonly artifacts: readonly { readonly direction: 'input' | 'output'; readonly name: string; readonly ref: ArtifactRef }[];
}

export interface RunDetails extends RunSummary {
  /** Empty unless its workflow continued as new or was reset. */
  readonly executions: readonly RunExecution[];
  /** In the order in which they were recorded. */
  readonly stages: readonly RecordedStage[];
  /** What people asked of its stages, in the order in which they did. */
  readonly controls: readonly StageControl[];
  readonly metrics: readonly Required<Metric>[];
  /** Model versions that this run registered first. */
  readonly models: readonly ModelVersion[];
}

export interface NewModelVersion {
  readonly model: string;
  readonly bundle: ArtifactRef;
  readonly report?: ArtifactRef;
  readonly run?: RunId;
}

export interface ModelVersion {
  readonly model: string;
  /** Counts from 1, without gaps. */
  readonly version: number;
  readonly bundle: ArtifactRef;
  readonly report: ArtifactRef | null;
  readonly run: RunId | null;
  readonly createdAt: Date;
  readonly aliases: readonly string[];
}

export interface Model {
  readonly name: string;
  readonly createdAt: Date;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
}

/** A decision about what an alias points at: who made it, why, and on which numbers. */
export interface NewPromotion {
  /** The run that asked; it decides once. */
  readonly run: RunId;
  readonly model: string;
  /** Such as `champion`. */
  readonly alias: string;
  readonly version: number;
  readonly approved: boolean;
  readonly decidedBy: 'rule' | 'person';
  readonly by: string | null;
  readonly reason: string | null;
  readonly evidence: unknown;
}

export interface Promotion extends NewPromotion {
  /** What the alias pointed at before; `null` when at nothing. */
  readonly previous: number | null;
  readonly decidedAt: Date;
}

/** How many workflows a run has started, by the state that they are in. */
export type PartCounts = Readonly<Partial<Record<RecordedState, number>>>;

export interface RunFilter {
  /** Without the workflows that other runs started. */
  readonly topLevel?: boolean;
  /** Default 50. */
  readonly limit?: number;
  readonly workflow?: string;
  readonly state?: RecordedState;
  /** Only runs that started before this one: the last of the page before. */
  readonly before?: RunId;
}

export interface RecordOptions {
  /** How long the record may wait for others to be committed with, milliseconds; default: not at all. */
  readonly withinMs?: number;
  /** How many records are expected in its commit, this one included: it starts as soon as they are there. Default: unknown. */
  readonly expected?: number;
}

/**
 * What happened, in Postgres; the bytes are in the artifact store. Every method may throw `REGISTRY_UNAVAILABLE` (retryable: the
 * database is down or busy), `REGISTRY_ACCESS` and `REGISTRY_QUERY`. Writes may be repeated without harm.
 */
export interface Registry extends AsyncDisposable {
  /** Opens a run; does nothing if it is known. `namespaceId` is Temporal's, of the namespace in which it runs. */
  startRun(run: BeginRunRequest & { readonly namespaceId?: string }): Promise<void>;
  /** Closes a run; the first end stands, unless the run was reset since. The end of an execution that another one has replaced changes nothing. @throws AppError `RUN_UNKNOWN` */
  finishRun(end: EndRunRequest): Promise<void>;
  /** Notes that another execution of a run's workflow has taken the place of the one before: the run is running again. Does nothing if it is known. @throws AppError `RUN_UNKNOWN` */
  noteExecution(run: RunId, execution: LaterExecution): Promise<void>;
  /** Closes a run whose workflow could not do so. Does nothing if it is closed, or if another execution counts by now. */
  observeEnd(end: ObservedEnd & { /** As the caller read it. */ readonly executionId: string | null }): Promise<boolean>;
  /** Records an execution with its lineage, at once or not at all. @throws AppError `RUN_UNKNOWN` */
  recordStageExecution(execution: StageExecution, options?: RecordOptions): Promise<RecordedExecution>;
  /** Keeps a wish about a stage that is at work. @throws AppError `RUN_UNKNOWN` */
  requestControl(control: NewControl): Promise<void>;
  /** The wishes about a node of a run, in the order in which they were asked. */
  controlsOf(run: RunId, node: string): Promise<StageControl[]>;
  /** Keeps where a wish takes effect, if the lease on the work still stands; where it took effect first stands. @returns whether that is here */
  applyControl(id: string, where: AppliedTo, lease: Pick<HeldLease, 'token'>): Promise<boolean>;
  /** The newest execution, in any run, that ran and succeeded under this key. */
  findReusable(cacheKey: Digest): Promise<ReusableExecution | undefined>;
  /**
   * Finds an output to reuse, or leases the key to the claimant: of all who claim a key at one time, one gets it. The lease ends with
   * its record, with `releaseLease`, or when it was not renewed for its term.
   */
  claimStage(claim: StageClaim): Promise<ClaimAnswer>;
  /** Gives the lease another term; false when it is somebody else's by now. */
  renewLease(lease: HeldLease): Promise<boolean>;
  releaseLease(lease: Pick<HeldLease, 'cacheKey' | 'token'>): Promise<void>;
  /** The newest successes of a stage, at a node if one is given; newest first. */
  earlierExecutions(of: { readonly stage: string; readonly node?: string; readonly limit?: number }): Promise<EarlierExecution[]>;
  /** What a node of a run gave. @throws AppError `RUN_UNKNOWN` */
  executionOf(run: string, node: string): Promise<RecordedStage | undefined>;
  /** What the stages of a run's parts took, its child workflows that began since it did. @throws AppError `RUN_UNKNOWN` */
  costsOfParts(run: RunId): Promise<PartCost[]>;
  /** Keeps numbers of a run; a later value replaces an earlier one of the same scope, name and step. @throws AppError `RUN_UNKNOWN` */
  recordMetrics(run: RunId, metrics: readonly Metric[]): Promise<void>;
  /** The next version of a model, or the one that this bundle already is. @throws AppError `MODEL_NAME`, `RUN_UNKNOWN` */
  registerModel(version: NewModelVersion): Promise<ModelVersion>;
  /** Points an alias, such as `champion`, at a version. @throws AppError `MODEL_NAME`, `MODEL_UNKNOWN` */
  setAlias(model: string, alias: string, version: number): Promise<void>;
  /** Records a decision and, if it was approved, points the alias at the version. @throws AppError `MODEL_NAME`, `MODEL_UNKNOWN`, `RUN_UNKNOWN` */
  recordPromotion(promotion: NewPromotion): Promise<Promotion>;
  /** Newest first. @throws AppError `MODEL_NAME` */
  promotionsOf(model: string): Promise<Promotion[]>;
  /** Newest first. */
  listRuns(filter?: RunFilter): Promise<RunSummary[]>;
  /** The workflows that these runs started, and those that these started in turn. A run without any is left out. */
  partsOf(runs: readonly RunId[]): Promise<ReadonlyMap<RunId, PartCounts>>;
  /** A run by its id, by Temporal's run id, or the newest with a workflow id. @throws AppError `RUN_UNKNOWN` */
  getRun(id: string): Promise<RunDetails>;
  listModels(): Promise<Model[]>;
  /** `name` (its newest version), `name@3` or `name@champion`. @throws AppError `MODEL_UNKNOWN`, which lists what there is */
  getModel(reference: string): Promise<ModelVersion>;
  close(): Promise<void>;
}
