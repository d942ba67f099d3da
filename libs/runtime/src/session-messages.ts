import type { RuntimeOptions } from './runtime.ts';
import type { Tensors } from './session.ts';

/** What a session's child is opened with. */
export interface SessionSettings {
  readonly path: string;
  readonly name: string;
  readonly runtime: Omit<RuntimeOptions, 'onWarning'>;
}

/** What the parent asks of it: feeds to run, or undefined for what it has opened. */
export type SessionRequest = Tensors | undefined;

export interface Opened {
  readonly kind: 'opened';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly warning?: string;
}

export interface Ran {
  readonly kind: 'ran';
  readonly outputs: Tensors;
}

export type SessionAnswer = Opened | Ran;
