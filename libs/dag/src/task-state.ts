import type { JsonObject } from './merge-patch.ts';
import type { GateNode, PipelineCall, PlanNode, StageCall } from './plan.ts';

/**
 * Where a task stands: waiting for others, at work, parked until a person decides what becomes of its failure, asking a
 * person for leave to go on, finished, failed for good, left out, stopped with the run, or never reached because
 * something before it failed.
 */
export type TaskStatus = 'waiting' | 'running' | 'parked' | 'asking' | 'done' | 'failed' | 'skipped' | 'cancelled' | 'unreached';

/** Why a task failed, in words for people; `thrown` is kept for whoever ends the run with it. */
export interface Failure {
  readonly message: string;
  /** Machine-readable, such as `CORPUS_EMPTY`. */
  readonly code: string;
  readonly thrown: unknown;
}

/** A node of a plan, or one item of a map, and all that is known about its execution. */
export interface TaskState {
  /** The node's id; of the third item of a map `id[2]`. */
  readonly id: string;
  readonly node: PlanNode;
  readonly status: TaskStatus;
  /** How often it was started, counted from 1; the retries of one start, which interpreters make by themselves, do not count. */
  readonly attempt: number;
  /** Known from the first start on; of a gate what the person is shown. */
  readonly input?: unknown;
  /** What people changed in the input, as one merge patch. */
  readonly overrides?: JsonObject;
  /** Of the last attempt. */
  readonly failure?: Failure;
}

/** What an interpreter is to run now, or whom it is to ask. */
export type Task =
  | { readonly kind: 'call'; readonly id: string; readonly node: PlanNode; readonly call: StageCall | PipelineCall; readonly input: unknown; readonly attempt: number }
  | { readonly kind: 'ask'; readonly id: string; readonly node: GateNode; readonly shown: unknown };
