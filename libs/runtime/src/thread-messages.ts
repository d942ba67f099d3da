import type { AppError } from '@overture/core';
import type { Tensor } from '@overture/tensors';
import type { LoadOptions, RuntimeOptions } from './runtime-options.ts';
import type { Tensors } from './session.ts';

/** A thread's first message: the session to open. */
export interface ThreadStart {
  /** The bytes of an ONNX file, or a path. */
  readonly content: Uint8Array | string;
  readonly runtime: Omit<RuntimeOptions, 'onWarning'>;
  readonly load: Omit<LoadOptions, 'inThread'>;
}

/** Requests to a session's thread. */
export type ThreadRequest =
  | { readonly kind: 'run'; readonly id: number; readonly feeds: SentTensors; readonly into?: SentTensors }
  | { readonly kind: 'close'; readonly id: number };

/** Answers of a session's thread: one when the session is open (id 0), then one per request. */
export type ThreadAnswer =
  | {
      readonly kind: 'opened';
      readonly id: 0;
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
    }
  /** `outputs`: only those that are not in shared memory. */
  | { readonly kind: 'ran'; readonly id: number; readonly outputs: Tensors }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ReturnType<AppError['toJSON']> };

/**
 * Tensors by name, as sent to a thread. Tensors in shared memory that the thread already has are sent only by
 * slot. Sending the views of a network's parameters takes as long as running a small network.
 */
export interface SentTensors {
  readonly tensors: Tensors;
  /** Slots in which the thread stores some of these tensors, by name. */
  readonly stored: Readonly<Record<string, number>>;
  /** Slots of tensors that the thread stored earlier, by name. */
  readonly known: Readonly<Record<string, number>>;
}

/** The caller's record of the tensors that a thread has stored. */
export type SentEarlier = Map<string, { readonly tensors: Tensor[]; next: number }>;

/**
 * Number of slots per name. A caller that runs several parts of a batch in turn uses a different tensor for
 * each.
 */
const places = 4;

/** Prepares tensors for sending and adds those that the thread will store to `earlier`. */
export function toSend(tensors: Tensors, earlier: SentEarlier): SentTensors {
  const [changed, stored, known]: [Record<string, Tensor>, Record<string, number>, Record<string, number>] = [
    {},
    {},
    {},
  ];
  for (const [name, tensor] of Object.entries(tensors)) {
    const ring = earlier.get(name) ?? { tensors: [], next: 0 };
    const at = ring.tensors.indexOf(tensor);
    if (at >= 0) known[name] = at;
    else {
      changed[name] = tensor;
      if (!isShared(tensor)) continue;
      stored[name] = ring.next;
      ring.tensors[ring.next] = tensor;
      ring.next = (ring.next + 1) % places;
      earlier.set(name, ring);
    }
  }
  return { tensors: changed, stored, known };
}

/** The inverse of `toSend`, in the receiving thread. */
export function received({ tensors, stored, known }: SentTensors, earlier: Map<string, Tensor[]>): Tensors {
  for (const [name, place] of Object.entries(stored)) {
    const ring = earlier.get(name) ?? [];
    ring[place] = tensors[name]!;
    earlier.set(name, ring);
  }
  return {
    ...tensors,
    ...Object.fromEntries(Object.entries(known).map(([name, place]) => [name, earlier.get(name)![place]!])),
  };
}

/** Whether a tensor's data is in shared memory. */
export function isShared({ data }: { readonly data: ArrayBufferView }): boolean {
  return data.buffer instanceof SharedArrayBuffer;
}
