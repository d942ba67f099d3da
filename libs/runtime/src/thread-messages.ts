import type { AppError } from '@overture/core';
import type { LoadOptions, RuntimeOptions } from './runtime.ts';
import type { Tensors } from './session.ts';

/** A thread's first message: the session that it is to open. */
export interface ThreadStart {
  /** The bytes of an ONNX file, or a path. */
  readonly content: Uint8Array | string;
  readonly runtime: Omit<RuntimeOptions, 'onWarning'>;
  readonly load: Omit<LoadOptions, 'inThread'>;
}

export type ThreadRequest =
  | { readonly kind: 'run'; readonly id: number; readonly feeds: Tensors; readonly into?: Tensors }
  | { readonly kind: 'close'; readonly id: number };

/** One when the session is open (id 0), then one for each request. */
export type ThreadAnswer =
  | { readonly kind: 'opened'; readonly id: 0; readonly inputs: readonly string[]; readonly outputs: readonly string[] }
  /** `outputs`: those that are not in shared memory. */
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: Tensors }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ReturnType<AppError['toJSON']> };

export function isShared({ data }: { readonly data: ArrayBufferView }): boolean {
  return data.buffer instanceof SharedArrayBuffer;
}
