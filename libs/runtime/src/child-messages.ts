import type { AppError } from '@overture/core';
import type { ProcessUsage } from './process-usage.ts';

/** What the parent sends: the job and the parent's process id, once, then any number of messages. */
export type ParentMessage = { readonly kind: 'start'; readonly parent: number; readonly moduleUrl: string; readonly job: unknown } | { readonly kind: 'message'; readonly message: unknown };

/** What the child sends: any number of messages, then one of the other two. */
export type ChildMessage =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'done'; readonly result: unknown; readonly usage: ProcessUsage }
  | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };

/** What a job gets besides its argument. */
export interface ChildContext {
  /** Sends plain data (typed arrays too) to `onMessage` in the parent; resolves when it is on its way. */
  send(message: unknown): Promise<void>;
  /** Calls the listener with everything that the parent sends, also with what it sent before; between two turns of the event loop. */
  receive(listener: (message: unknown) => void): void;
  /** Aborted when the parent wants the job to end: tidy up and throw within the grace time. */
  readonly signal: AbortSignal;
}

/** The default export of a module that `inChildProcess` can run. */
export type ChildJob<Job, Result> = (job: Job, context: ChildContext) => Promise<Result>;
