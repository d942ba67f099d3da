import type { AppError } from '@overture/core';
import type { RuntimeOptions } from './runtime.ts';
import type { Tensors } from './session.ts';

/** What the parent asks of a session's child: first to open, then one run at a time. */
export type SessionRequest =
  | { readonly kind: 'open'; readonly path: string; readonly name: string; readonly runtime: Omit<RuntimeOptions, 'onWarning'> }
  | { readonly kind: 'run'; readonly feeds: Tensors };

/** One for each request. */
export type SessionAnswer =
  | { readonly kind: 'opened'; readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly warning?: string }
  | { readonly kind: 'ran'; readonly outputs: Tensors; readonly residentBytes: number }
  | { readonly kind: 'failed'; readonly error: ReturnType<AppError['toJSON']> };
