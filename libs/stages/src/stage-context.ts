import type { StageContext as Context, StageImplementation } from '@overture/execution';
import type { StageContract } from '@overture/dag';
import type { ResolveBaseModelOptions } from '@overture/models';
import type { ExecutionProvider } from '@overture/runtime';

/** A corpus that a worker knows by name. */
export interface NamedCorpus {
  readonly name: string;
  readonly uri: string;
}

/** What the application decides once for all stages of a worker. Nothing but the execution provider, which is part of `environmentFacts`, changes what a stage gives. */
export interface StageSettings {
  /** Folder for what must survive an attempt: checkpoints. */
  readonly stateDir: string;
  /** Where base models may be looked for. */
  readonly baseModels: Pick<ResolveBaseModelOptions, 'cacheDir' | 'localFolder' | 'huggingFaceCache' | 'hubUrl' | 'hubToken' | 'packageMirror' | 'env' | 'fetch'>;
  /** The first is the default when an input names no corpus. */
  readonly corpora: readonly NamedCorpus[];
  /** Threads of one training or prediction. */
  readonly threads: number;
  /** Where they compute. */
  readonly executionProvider: ExecutionProvider;
  readonly checkpointEverySteps: number;
}

/** What an implementation is given beside its input. */
export type StageContext = Context<StageSettings>;

/** A contract of the product bound to the code that fulfils it. */
export type ProductStage = StageImplementation<StageContract, StageSettings>;
