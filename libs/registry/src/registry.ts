import type {
  ArtifactRef,
  BeginRunRequest,
  EndRunRequest,
  LaterExecution,
  RunOutcome,
} from '@overture/protocol';
import type { Digest, RunId } from '@overture/core';

/** The logger of the registry; compatible with pino. */
export interface RegistryLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** The result of one stage activity. */
export interface StageExecution {
  readonly run: RunId;
  /** The node of the plan. */
  readonly node: string;
  readonly stage: string;
  readonly version: number;
  /** `null` if it failed before the key was computed. */
  readonly cacheKey: Digest | null;
  /** The parts of the key other than stage, version and input, as plain data. */
  readonly fingerprint?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  /** The control requests that changed its outputs; part of the key if there are any. */
  readonly controls?: unknown;
  /** The lease under which it was computed. Recording releases it. */
  readonly lease?: Pick<HeldLease, 'cacheKey' | 'token'>;
  readonly input: unknown;
  readonly durationMs: number;
  /**
   * Temporal's id of the activity and the attempt number, from 1. Together they identify a failure. Default:
   * '' and 1.
   */
  readonly activityId?: string;
  readonly attempt?: number;
  /** Metrics of this execution, recorded with it and copied to runs that reuse its outputs. */
  readonly metrics?: readonly Metric[];
  /** `from` is the execution whose outputs were reused. Default: the newest that ran with the same key. */
  readonly outcome:
    | { readonly state: 'ran'; readonly outputs: unknown }
    | { readonly state: 'reused'; readonly outputs: unknown; readonly from?: string }
    | { readonly state: 'failed'; readonly error: unknown };
}

/** The registry's record of an execution. */
export interface RecordedExecution {
  readonly id: string;
  /**
   * Whether this call wrote the record. If false, an earlier attempt with the same run, node and key did: its
   * outputs count, and the caller should return them instead of its own.
   */
  readonly recorded: boolean;
  /** `null` for a failure. */
  readonly outputs: unknown;
}

/** A successful execution with the requested cache key. */
export interface ReusableExecution {
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  readonly outputs: unknown;
  readonly recordedAt: Date;
}

/** A request to compute a stage, unless its output exists or another attempt is computing it. */
export interface StageClaim {
  readonly run: RunId;
  readonly node: string;
  readonly stage: string;
  readonly cacheKey: Digest;
  readonly activityId: string;
  readonly attempt: number;
  /** Whether an earlier output may be reused. */
  readonly reuse: boolean;
  /** How long the lease is valid without renewal, in milliseconds. */
  readonly leaseMs: number;
}

/** A lease and the length of its next term in milliseconds. */
export interface HeldLease {
  readonly cacheKey: Digest;
  readonly token: string;
  readonly leaseMs: number;
}

/** The cache-key parts of an earlier execution, without the stage name. */
export interface EarlierExecution {
  readonly run: RunId;
  readonly version: number;
  readonly input: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly fingerprint: unknown;
  readonly controls: unknown;
  readonly recordedAt: Date;
}

/** A control request for a running stage. */
export interface NewControl {
  /** A UUID from the sender. Requests with the same id count once. */
  readonly id: string;
  readonly run: RunId;
  readonly node: string;
  /** Plain data that the stage interprets. */
  readonly action: unknown;
  readonly by: string | null;
}

/** A control request and where it was applied. */
export interface StageControl extends NewControl {
  readonly askedAt: Date;
  /** `null` until it is applied. */
  readonly applied: AppliedTo | null;
}

/**
 * Where a request was applied: the execution's cache key without controls, the step after which it was
 * applied, and whether it changed the output.
 */
export interface AppliedTo {
  readonly cacheKey: Digest;
  readonly step: number;
  readonly changesResult: boolean;
}

/**
 * The result of a claim: an output to reuse, a lease for the claimant, or the current holder of the lease.
 */
export type ClaimAnswer =
  | { readonly kind: 'reusable'; readonly execution: ReusableExecution }
  /**
   * `before` is the newest success of the same stage and node in any run. If `contended`, the caller should
   * look for an output once more.
   */
  | {
      readonly kind: 'leased';
      readonly token: string;
      readonly contended: boolean;
      readonly before: EarlierExecution | undefined;
    }
  | { readonly kind: 'held'; readonly by: { readonly run: RunId; readonly node: string } };

/**
 * A metric of a run. `scope` names its subject (`valid`, `floor:always-no`, `training`); `step` is its
 * position in a series.
 */
export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly scope: string;
  readonly step?: number;
}

/**
 * The cost of one execution in a child workflow, at the time it ran. Executions that reuse its output are
 * listed with the same cost.
 */
export interface PartCost {
  /** The child workflow's id, `<run's workflow id>/<node>`. */
  readonly workflowId: string;
  readonly stage: string;
  readonly seconds: number;
  /** Its metrics in scopes that start with `cost`, by name. */
  readonly measured: Readonly<Record<string, number>>;
}

/**
 * The state of a run. `terminated`, `timedOut` and `deleted` mean that Temporal ended the workflow, so that
 * it could not report its end.
 */
export type RecordedState = 'running' | RunOutcome | 'terminated' | 'timedOut' | 'deleted';

/** One execution of a run's workflow; see `LaterExecution`. */
export interface RunExecution {
  readonly execution: string;
  readonly cause: 'started' | LaterExecution['cause'];
  /** How it ended, once another execution replaced it; `continued` means continue-as-new. */
  readonly ended: 'continued' | Exclude<RecordedState, 'running'> | null;
  readonly noticedAt: Date;
}

/** The end of a run as reported by Temporal. */
export interface ObservedEnd {
  readonly run: RunId;
  readonly state: Exclude<RecordedState, 'running'>;
  /** One sentence, if the reason is known. */
  readonly reason?: string;
  readonly at?: Date;
}

/** A recorded run without its details. */
export interface RunSummary {
  readonly id: RunId;
  readonly workflow: string;
  readonly workflowId: string;
  readonly temporalRunId: string;
  /** Temporal's run id of the current execution; `null` for the first one. */
  readonly executionId: string | null;
  readonly namespaceId: string | null;
  readonly state: RecordedState;
  readonly input: unknown;
  readonly result: unknown;
  readonly error: unknown;
  /** The source of the end state: the workflow itself, or Temporal when queried. */
  readonly endedBy: 'workflow' | 'temporal' | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

/** A recorded stage execution with its lineage. */
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
  /** Lineage: the artifacts in its input and outputs, each with its path. */
  readonly artifacts: readonly {
    readonly direction: 'input' | 'output';
    readonly name: string;
    readonly ref: ArtifactRef;
  }[];
}

/** A recorded run with its executions, stages, controls and metrics. */
export interface RunHistory extends RunSummary {
  /** Empty unless the workflow continued as new or was reset. */
  readonly executions: readonly RunExecution[];
  /** In the order of recording. */
  readonly stages: readonly RecordedStage[];
  /** The control requests for its stages, in the order of arrival. */
  readonly controls: readonly StageControl[];
  readonly metrics: readonly Required<Metric>[];
}

/** A recorded run with the models that it registered. */
export interface RunDetails extends RunHistory {
  /** The model versions that this run was the first to register. */
  readonly models: readonly ModelVersion[];
}

/** A model version to register. */
export interface NewModelVersion {
  readonly model: string;
  readonly bundle: ArtifactRef;
  readonly report?: ArtifactRef;
  readonly run?: RunId;
}

/** A registered model version. */
export interface ModelVersion {
  readonly model: string;
  /** From 1, without gaps. */
  readonly version: number;
  readonly bundle: ArtifactRef;
  readonly report: ArtifactRef | null;
  readonly run: RunId | null;
  readonly createdAt: Date;
  readonly aliases: readonly string[];
}

/** A registered model with its versions. */
export interface Model {
  readonly name: string;
  readonly createdAt: Date;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
}

/** A decision about an alias: who decided, why, and on which evidence. */
export interface NewPromotion {
  /** The run that requested the decision. Each run decides once. */
  readonly run: RunId;
  readonly model: string;
  /** For example `champion`. */
  readonly alias: string;
  readonly version: number;
  readonly approved: boolean;
  readonly decidedBy: 'rule' | 'person';
  readonly by: string | null;
  readonly reason: string | null;
  readonly evidence: unknown;
}

/** A recorded decision about an alias. */
export interface Promotion extends NewPromotion {
  /** The alias's previous version; `null` if it had none. */
  readonly previous: number | null;
  readonly decidedAt: Date;
}

/** The number of child workflows of a run, by state. */
export type PartCounts = Readonly<Partial<Record<RecordedState, number>>>;

/** Filter and page size for `Registry.listRuns`. */
export interface RunFilter {
  /** Whether to exclude child workflows. */
  readonly topLevel?: boolean;
  /** Maximum number of runs. Default: 50. */
  readonly limit?: number;
  readonly workflow?: string;
  readonly state?: RecordedState;
  /** Only runs that started before this run, which is the last one of the previous page. */
  readonly before?: RunId;
}

/** Options for batching a record. */
export interface RecordOptions {
  /** How long the record may wait to be committed with others, in milliseconds. Default: 0. */
  readonly withinMs?: number;
  /**
   * The number of records expected in its commit, including this one. The commit starts as soon as they are
   * waiting. Default: unknown.
   */
  readonly expected?: number;
}

/**
 * Records runs and stages with lineage and metrics; the content is in the artifact store. Every method may
 * throw `REGISTRY_UNAVAILABLE` (retryable: the database is down or busy), `REGISTRY_ACCESS` and
 * `REGISTRY_QUERY`. Writes are idempotent.
 */
export interface RunRegistry extends AsyncDisposable {
  /**
   * Opens a run; does nothing if it exists. `namespaceId` is Temporal's id of the namespace in which it runs.
   */
  startRun(run: BeginRunRequest & { readonly namespaceId?: string }): Promise<void>;
  /**
   * Closes a run. Later ends of the same run are ignored, unless it was reset in between. The end of a
   * replaced execution is also ignored.
   * @throws AppError `RUN_UNKNOWN`
   */
  finishRun(end: EndRunRequest): Promise<void>;
  /**
   * Records that another execution of a run's workflow has replaced the previous one; the run is running
   * again. Does nothing if the execution is already recorded.
   * @throws AppError `RUN_UNKNOWN`
   */
  noteExecution(run: RunId, execution: LaterExecution): Promise<void>;
  /**
   * Closes a run whose workflow could not close it. Does nothing if it is closed or another execution is
   * current.
   * @returns whether it closed the run
   */
  observeEnd(
    end: ObservedEnd & {
      /** The current execution when the caller read the run. */ readonly executionId: string | null;
    },
  ): Promise<boolean>;
  /**
   * Records an execution with its lineage, atomically.
   * @throws AppError `RUN_UNKNOWN`
   */
  recordStageExecution(execution: StageExecution, options?: RecordOptions): Promise<RecordedExecution>;
  /**
   * Stores a control request for a running stage.
   * @throws AppError `RUN_UNKNOWN`
   */
  requestControl(control: NewControl): Promise<void>;
  /** The control requests for a node of a run, in the order of arrival. */
  controlsOf(run: RunId, node: string): Promise<StageControl[]>;
  /**
   * Records where a request is applied, if the lease is still valid. Only the first record counts.
   * @returns whether the request is recorded as applied at this place
   */
  applyControl(id: string, where: AppliedTo, lease: Pick<HeldLease, 'token'>): Promise<boolean>;
  /** The newest execution in any run that succeeded with this key. */
  findReusable(cacheKey: Digest): Promise<ReusableExecution | undefined>;
  /**
   * Finds an output to reuse, or leases the key to the claimant. Of several concurrent claims for a key, one
   * gets the lease. The lease ends when its result is recorded, with `releaseLease`, or when it expires
   * without renewal.
   */
  claimStage(claim: StageClaim): Promise<ClaimAnswer>;
  /** Renews a lease for another term. Returns false if it has another holder. */
  renewLease(lease: HeldLease): Promise<boolean>;
  /** Releases a lease; does nothing if it has another holder. */
  releaseLease(lease: Pick<HeldLease, 'cacheKey' | 'token'>): Promise<void>;
  /** The latest successful executions of a stage, newest first; only those at `node` if it is set. */
  earlierExecutions(of: {
    readonly stage: string;
    readonly node?: string;
    readonly limit?: number;
  }): Promise<EarlierExecution[]>;
  /**
   * The latest successful execution of a node of a run.
   * @throws AppError `RUN_UNKNOWN`
   */
  executionOf(run: string, node: string): Promise<RecordedStage | undefined>;
  /**
   * The cost of the stages in a run's child workflows that started after the run did.
   * @throws AppError `RUN_UNKNOWN`
   */
  costsOfParts(run: RunId): Promise<PartCost[]>;
  /**
   * Records metrics of a run. A later value replaces an earlier one with the same scope, name and step.
   * @throws AppError `RUN_UNKNOWN`
   */
  recordMetrics(run: RunId, metrics: readonly Metric[]): Promise<void>;
  /** The runs that match a filter, newest first. */
  listRuns(filter?: RunFilter): Promise<RunSummary[]>;
  /** The number of child workflows of these runs at any depth, by state. Runs without any are left out. */
  partsOf(runs: readonly RunId[]): Promise<ReadonlyMap<RunId, PartCounts>>;
  /**
   * Finds a run by its id or by Temporal's run id, or the newest run with a workflow id.
   * @throws AppError `RUN_UNKNOWN`
   */
  getRun(id: string): Promise<RunHistory>;
  close(): Promise<void>;
}

/** A registry that also records models and promotions. */
export interface Registry extends RunRegistry {
  /**
   * Finds a run by its id or by Temporal's run id, or the newest run with a workflow id.
   * @throws AppError `RUN_UNKNOWN`
   */
  getRun(id: string): Promise<RunDetails>;
  /**
   * Registers the next version of a model. Returns the existing version if the bundle is already registered.
   * @throws AppError `MODEL_NAME` or `RUN_UNKNOWN`
   */
  registerModel(version: NewModelVersion): Promise<ModelVersion>;
  /**
   * Points an alias, such as `champion`, at a version.
   * @throws AppError `MODEL_NAME` or `MODEL_UNKNOWN`
   */
  setAlias(model: string, alias: string, version: number): Promise<void>;
  /**
   * Records a decision and, if it was approved, points the alias at the version.
   * @throws AppError `MODEL_NAME`, `MODEL_UNKNOWN` or `RUN_UNKNOWN`
   */
  recordPromotion(promotion: NewPromotion): Promise<Promotion>;
  /**
   * The decisions about a model, newest first.
   * @throws AppError `MODEL_NAME`
   */
  promotionsOf(model: string): Promise<Promotion[]>;
  /** All models with their versions. */
  listModels(): Promise<Model[]>;
  /**
   * Finds a model version by `name` (the newest version), `name@3` or `name@champion`.
   * @throws AppError `MODEL_NAME`, or `MODEL_UNKNOWN` with a list of what exists
   */
  getModel(reference: string): Promise<ModelVersion>;
}
