/** A process that the guardian starts and ends. Plain data, because it crosses a process boundary. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The account to run as; only root can choose one. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Standard output and standard error are appended to this file. */
  readonly logFile: string;
  /** A regular expression. The first matching line on standard output means that the process is ready. */
  readonly readyPattern?: string;
  readonly stop: {
    readonly signal: NodeJS.Signals;
    /** How long the process may take to end before it and its process group are killed, in milliseconds. */
    readonly graceMs: number;
    /** Lower ranks end first; equal ranks end together. */
    readonly rank: number;
    /** Whether the process may be killed at once when there is no time to wait for it. */
    readonly hurry?: boolean;
  };
  /**
   * Restart it when it ends by itself, with exponential backoff from `firstMs` to `maxMs`. The delay is reset
   * after `healthyMs` of running.
   */
  readonly restart?: { readonly firstMs: number; readonly maxMs: number; readonly healthyMs: number };
}

/** The settings that a guardian receives before it starts anything. */
export interface GuardRequest {
  /** The file in which the guardian lists the processes that it started. */
  readonly childrenFile: string;
  /**
   * The stack lock. While the file contains another token, another process owns the home and the guardian
   * starts nothing.
   */
  readonly lock: { readonly path: string; readonly token: string };
}

/** A message from the stack's owner to the guardian. */
export type GuardianRequest =
  | ({ readonly kind: 'guard' } & GuardRequest)
  | { readonly kind: 'start'; readonly spec: ProcessSpec }
  | { readonly kind: 'stop' };

/** The signal that makes a guardian end everything without waiting for running work. */
export const hurrySignal = 'SIGQUIT';

/** A message from the guardian to the stack's owner. */
export type GuardianEvent =
  | { readonly kind: 'guarding' }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number; readonly startTime: string }
  | { readonly kind: 'ready'; readonly name: string; readonly line: string }
  | { readonly kind: 'exited'; readonly name: string; readonly how: string; readonly restartInMs?: number }
  | { readonly kind: 'stopped' };
