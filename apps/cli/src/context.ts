import type { Terminal } from './output/terminal.ts';

/** The environment of a command: created in main.ts, replaced in tests. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths in arguments are relative to this folder. */
  readonly cwd: string;
  /** The project folder. */
  readonly projectRoot: string;
  /** The state folder of the project; see `homePaths` of @overture/stack. */
  readonly home: string;
  /** Downloads shared by all clones. */
  readonly cacheDir: string;
  readonly userHome: string;
  /** The worker's module. */
  readonly workerEntry: string;
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C. The second Ctrl-C ends the process. */
  readonly interrupt: AbortSignal;
  readonly randomId: () => string;
}
