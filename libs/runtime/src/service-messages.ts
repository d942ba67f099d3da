import type { AppError } from '@overture/core';
import type { ProcessUsage } from './process-usage.ts';

/** What the parent sends to a service's child: first to open, with the parent's process id, then one request at a time. */
export type ServiceRequest = { readonly kind: 'open'; readonly parent: number; readonly moduleUrl: string; readonly options: unknown } | { readonly kind: 'ask'; readonly request: unknown };

/** One for each request, with what the child took until then. */
export type ServiceAnswer = { readonly kind: 'answered'; readonly value: unknown; readonly usage: ProcessUsage } | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };
