import type { JsonObject } from './merge-patch.ts';
import type { GateNode, PipelineCall, PlanNode, StageCall } from './plan.ts';

/**
 * The status of a task. `waiting`: its dependencies have not finished. `parked`: it failed, and a user must
 * decide how to proceed. `asking`: it is a gate that waits for a user. `failed`: it failed after all retries.
 * `skipped`: the run continues without its output. `cancelled`: it was stopped with the run. `unreached`: the
 * run ended before it could start.
 */
export type TaskStatus =
  'waiting' | 'running' | 'parked' | 'asking' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreached';

/** The failure of a task. `thrown` is the original value, for the error that ends the run. */
export interface Failure {
  readonly message: string;
  /** Machine-readable, such as `CORPUS_EMPTY`. */
  readonly code: string;
  readonly thrown: unknown;
}

/** The execution state of a plan's node or of one item of a map. */
export interface TaskState {
  /** The node's id; `id[2]` for the third item of a map. */
  readonly id: string;
  readonly node: PlanNode;
  readonly status: TaskStatus;
  /** The number of starts. Automatic retries by the interpreter do not count. */
  readonly attempt: number;
  /**
   * The input of the latest start; for a gate, the information shown to the user. Undefined before the first
   * start.
   */
  readonly input?: unknown;
  /** The user's changes to the input, as one merge patch. */
  readonly overrides?: JsonObject;
  /** The failure of the latest attempt. */
  readonly failure?: Failure;
}

/** A task for the interpreter: run a call, or ask a user about a gate. */
export type Task =
  | {
      readonly kind: 'call';
      readonly id: string;
      readonly node: PlanNode;
      readonly call: StageCall | PipelineCall;
      readonly input: unknown;
      readonly attempt: number;
    }
  | { readonly kind: 'ask'; readonly id: string; readonly node: GateNode; readonly shown: unknown };
