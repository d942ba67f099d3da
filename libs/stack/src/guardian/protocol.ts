/** A process that the guardian starts and ends; plain data, because it crosses a process boundary. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Run as this account; only root can ask for it. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Standard error, and standard output, are appended here. */
  readonly logFile: string;
  /** A regular expression; the first line on standard output that matches says that the process is ready. */
  readonly readyPattern?: string;
  readonly stop: {
    readonly signal: NodeJS.Signals;
    /** How long the process may take to end before it, with its process group, is killed. */
    readonly graceMs: number;
    /** Lower ranks end first; equal ranks together. */
    readonly rank: number;
    /** Whether the process may be killed at once when nobody wants to wait for it. */
    readonly hurry?: boolean;
  };
  /** Start it again when it ends by itself, after a pause that doubles up to `maxMs` and is `firstMs` again after `healthyMs` of life. */
  readonly restart?: { readonly firstMs: number; readonly maxMs: number; readonly healthyMs: number };
}

/** What a guardian needs before it starts anything. */
export interface GuardRequest {
  /** Where the guardian lists the processes that it started. */
  readonly childrenFile: string;
  /** The stack lock. While the file holds another token, another process owns the home: the guardian starts nothing. */
  readonly lock: { readonly path: string; readonly token: string };
}

export type GuardianRequest =
  | ({ readonly kind: 'guard' } & GuardRequest)
  | { readonly kind: 'start'; readonly spec: ProcessSpec }
  | { readonly kind: 'stop' };

/** The signal that makes a guardian end everything without waiting for work under way. */
export const hurrySignal = 'SIGQUIT';

export type GuardianEvent =
  | { readonly kind: 'guarding' }
  | { readonly kind: 'started'; readonly name: string; readonly pid: number; readonly startTime: string }
  | { readonly kind: 'ready'; readonly name: string; readonly line: string }
  | { readonly kind: 'exited'; readonly name: string; readonly how: string; readonly restartInMs?: number }
  | { readonly kind: 'stopped' };
