import type { Pooling } from '@overture/models';
import { inChildProcess, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';

/** Texts for a network as it comes. */
export interface PoolJob {
  /** Files: safetensors, and config.json. */
  readonly weights: string;
  readonly modelConfig: string;
  /** Token ids, special ones included; each sequence at least one and at most as many as the network has positions. */
  readonly sequences: readonly Int32Array[];
  readonly pooling: Pooling;
  readonly threads: number;
  /** Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
}

export interface PoolProgress {
  readonly done: number;
  readonly total: number;
}

export interface PoolInChildOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PoolProgress) => void;
  /** Called with what the process took. */
  readonly onUsage?: (usage: ProcessUsage) => void;
}

/**
 * One vector for each text from a network that is not trained, float32 [n, hidden], computed in a process of its own. Does not depend on the
 * number of threads or on which texts are asked together.
 * @throws AppError `RUNTIME_CHILD_DIED` (retryable), and what reading the files throws
 */
export function poolInChild(job: PoolJob, { signal, onProgress, onUsage }: PoolInChildOptions = {}): Promise<Float32Array> {
  return inChildProcess<Float32Array>(new URL('./pool-child.ts', import.meta.url).href, job, { signal, onUsage, onMessage: (message) => onProgress?.(message as PoolProgress) });
}
