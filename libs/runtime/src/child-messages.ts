import type { AppError } from '@overture/core';
import type { ProcessUsage } from './process-usage.ts';

/** Messages from the parent: first the job and the parent's process id, then any number of messages. */
export type ParentMessage =
  | { readonly kind: 'start'; readonly parent: number; readonly moduleUrl: string; readonly job: unknown }
  | { readonly kind: 'message'; readonly message: unknown };

/** Messages from the child: any number of messages, then `done` or `failed`. */
export type ChildMessage =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'done'; readonly result: unknown; readonly usage: ProcessUsage }
  | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };

/** The context of a job. */
export interface ChildContext {
  /**
   * Sends plain data, including typed arrays, to `onMessage` in the parent. Resolves when the message has
   * been sent.
   */
  send(message: unknown): Promise<void>;
  /**
   * Calls the listener with every message from the parent, including earlier ones. Messages arrive only
   * between turns of the event loop.
   */
  receive(listener: (message: unknown) => void): void;
  /** Aborted when the parent wants the job to end. Clean up and throw within the grace period. */
  readonly signal: AbortSignal;
}

/** The default export of a module for `inChildProcess`. */
export type ChildJob<Job, Result> = (job: Job, context: ChildContext) => Promise<Result>;
