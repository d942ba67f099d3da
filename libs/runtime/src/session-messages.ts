import type { RuntimeOptions } from './runtime-options.ts';
import type { Tensors } from './session.ts';

/** Options of a session's child process. */
export interface SessionSettings {
  readonly path: string;
  readonly name: string;
  readonly runtime: Omit<RuntimeOptions, 'onWarning'>;
}

/** A request: feeds to run, or undefined for the session's description. */
export type SessionRequest = Tensors | undefined;

/** The session's description. */
export interface Opened {
  readonly kind: 'opened';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly warning?: string;
}

/** The outputs of a run. */
export interface Ran {
  readonly kind: 'ran';
  readonly outputs: Tensors;
}

/** Answer of a session's child process. */
export type SessionAnswer = Opened | Ran;
