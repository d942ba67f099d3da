import type { AppError } from '@overture/core';

/** What the parent sends to a service's child: first to open, then one request at a time. */
export type ServiceRequest = { readonly kind: 'open'; readonly moduleUrl: string; readonly options: unknown } | { readonly kind: 'ask'; readonly request: unknown };

/** One for each request. */
export type ServiceAnswer = { readonly kind: 'answered'; readonly value: unknown } | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };
