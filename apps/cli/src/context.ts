import type { Terminal } from './output/terminal.ts';

/** What a command knows of the world; made in main.ts, replaced in tests. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Paths given by the user are relative to this folder. */
  readonly cwd: string;
  /** The folder of the project. */
  readonly projectRoot: string;
  /** State of the project; see `homePaths` of @overture/stack. */
  readonly home: string;
  /** Downloads shared by all clones. */
  readonly cacheDir: string;
  readonly userHome: string;
  /** The worker's module. */
  readonly workerEntry: string;
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C; the second ends the process. */
  readonly interrupt: AbortSignal;
  readonly randomId: () => string;
}
