import type { ExecutionProvider } from './execution-provider.ts';

/** Options of `Runtime.load`. */
export interface LoadOptions {
  /** The graph's name, for messages. */
  readonly name?: string;
  /** Level of onnxruntime's graph optimizations. Default `all`. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Path prefix of a file to which a profile of all operators is written when the session closes. */
  readonly profileTo?: string;
  /** Threads per operator in this session. Default: the runtime's. */
  readonly threads?: number;
  /**
   * Whether the session runs in its own worker thread. Tensors in a SharedArrayBuffer are read and written in
   * place; others are copied. Default false.
   */
  readonly inThread?: boolean;
}

/** Options of `openRuntime`. */
export interface RuntimeOptions {
  /** Threads per operator. Default 2. */
  readonly threads?: number;
  /** Default `cpu`, the only one that this project has tested. */
  readonly executionProvider?: ExecutionProvider;
  /**
   * Whether idle threads spin. Slightly faster on an idle machine, much slower if cores are shared. Default
   * false.
   */
  readonly allowSpinning?: boolean;
  /** Whether freed memory is kept for the next run, which is fast but never shrinks. Default true. */
  readonly arena?: boolean;
  /** Called once if this project has not tested the provider. */
  readonly onWarning?: (message: string) => void;
}
