import type { Pooling } from '@overture/models';
import { inChildProcess, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';

/** Token sequences to embed with a pretrained network. */
export interface PoolJob {
  /** Files: weights in safetensors format, and config.json. */
  readonly weights: string;
  readonly modelConfig: string;
  /**
   * Token ids, including special tokens. Each sequence has at least one token and at most as many as the
   * network has positions.
   */
  readonly sequences: readonly Int32Array[];
  readonly pooling: Pooling;
  readonly threads: number;
  /** Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
}

/** Number of sequences done and in total. */
export interface PoolProgress {
  readonly done: number;
  readonly total: number;
}

/** Options of `poolInChild`. */
export interface PoolInChildOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PoolProgress) => void;
  /** Called with the resource usage of the process. */
  readonly onUsage?: (usage: ProcessUsage) => void;
}

/**
 * Computes one vector per sequence with the pretrained network, float32 [n, hidden], in a child process. The
 * result does not depend on the number of threads or on which sequences are in the same job.
 * @throws AppError `RUNTIME_CHILD_DIED` (retryable), and the errors of reading the files
 */
export function poolInChild(
  job: PoolJob,
  { signal, onProgress, onUsage }: PoolInChildOptions = {},
): Promise<Float32Array> {
  return inChildProcess<Float32Array>(new URL('./pool-child.ts', import.meta.url).href, job, {
    signal,
    onUsage,
    onMessage: (message) => onProgress?.(message as PoolProgress),
  });
}
