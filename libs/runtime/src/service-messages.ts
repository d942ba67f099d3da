import type { AppError } from '@overture/core';
import type { ProcessUsage } from './process-usage.ts';

/**
 * Messages from the parent to a service: first `open` with the parent's process id, then one request at a
 * time.
 */
export type ServiceRequest =
  | { readonly kind: 'open'; readonly parent: number; readonly moduleUrl: string; readonly options: unknown }
  | { readonly kind: 'ask'; readonly request: unknown };

/** One answer per request, with the resource usage so far. */
export type ServiceAnswer =
  | { readonly kind: 'answered'; readonly value: unknown; readonly usage: ProcessUsage }
  | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };
