import type { ArtifactPlace } from '@overture/artifacts';
import type { StageProgress } from '@overture/protocol';
import type { RunId } from '@overture/core';
import type { Metric } from '@overture/registry';
import type { StageContext, StageSettings } from '../stage-context.ts';

/** The context of a compute function, the same in the worker's process and in a child. */
export type ComputeContext = Pick<
  StageContext,
  'artifacts' | 'settings' | 'signal' | 'workDir' | 'run' | 'heartbeat' | 'metrics' | 'logger'
>;

/** A compute function. Its module exports it by its own name, so that a child process finds it. */
export type Compute<Input, Output> = (input: Input, context: ComputeContext) => Promise<Output>;

/** The job that a child process receives. */
export interface ComputeJob {
  readonly moduleUrl: string;
  /** The name under which the module exports the function. */
  readonly name: string;
  readonly input: unknown;
  readonly place: ArtifactPlace;
  /** Without functions, which cannot be sent. */
  readonly settings: Omit<StageSettings, 'baseModels'> & {
    readonly baseModels: Omit<StageSettings['baseModels'], 'fetch'>;
  };
  readonly workDir: string;
  readonly run: RunId;
}

/** A message from a child process while it computes. */
export type ComputeMessage =
  | { readonly kind: 'heartbeat'; readonly progress: Omit<StageProgress, 'stage'> }
  | { readonly kind: 'metrics'; readonly measured: readonly Metric[] }
  | {
      readonly kind: 'log';
      readonly level: 'info' | 'warn';
      readonly details: object;
      readonly message: string;
    };
