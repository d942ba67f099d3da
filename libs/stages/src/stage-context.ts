import type { StageContext as Context, StageImplementation } from '@overture/execution';
import type { Registry } from '@overture/registry';
import type { StageContract } from '@overture/dag';
import type { ResolveBaseModelOptions } from '@overture/models';
import type { ExecutionProvider } from '@overture/runtime';

/** A corpus registered with a worker by name. */
export interface NamedCorpus {
  readonly name: string;
  readonly uri: string;
}

/**
 * Settings shared by all stages of a worker. Only the execution provider, which is part of
 * `environmentFacts`, affects a stage's output.
 */
export interface StageSettings {
  /** Folder for data that must survive an attempt: checkpoints. */
  readonly stateDir: string;
  /** Where base models are looked up. */
  readonly baseModels: Pick<
    ResolveBaseModelOptions,
    | 'cacheDir'
    | 'localFolder'
    | 'huggingFaceCache'
    | 'hubUrl'
    | 'hubToken'
    | 'packageMirror'
    | 'env'
    | 'fetch'
  >;
  /** The first one is the default if an input names no corpus. */
  readonly corpora: readonly NamedCorpus[];
  /** Threads of one training or prediction. */
  readonly threads: number;
  /** The execution provider that they compute on. */
  readonly executionProvider: ExecutionProvider;
  readonly checkpointEverySteps: number;
}

/** What the product's stages use of the registry: models, promotions and costs. */
export type ModelRegistry = Pick<Registry, 'registerModel' | 'getModel' | 'recordPromotion' | 'costsOfParts'>;

/** The context of a stage implementation. */
export type StageContext = Context<StageSettings, ModelRegistry>;

/** A product contract bound to its implementation. */
export type ProductStage = StageImplementation<StageContract, StageSettings, ModelRegistry>;
