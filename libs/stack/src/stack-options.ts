import type { DownloadProgress } from '@overture/downloads';
import type { SearchAttributes } from '@overture/protocol';
import type { TemporalAccess } from './temporal/temporal-settings.ts';

/** Progress while a stack starts, and a warning when one of its processes ends by itself later. */
export type StackProgress =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'download'; readonly download: DownloadProgress };

/** Which stack to find or start, and how. */
export interface StackOptions {
  /** State of the project: databases, artifacts, logs; an absolute path. */
  readonly home: string;
  /** Downloads shared by all clones; see `cacheFolder`. */
  readonly cacheDir: string;
  /** Environment of the child processes. `temporal` is looked up on its PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own Temporal server, as host:port. If set, none is started. */
  readonly temporalAddress?: string;
  /** Credentials for that server. */
  readonly temporalAccess?: TemporalAccess;
  /** Default `default`. */
  readonly namespace?: string;
  /** The user's own Postgres database. If set, none is started. */
  readonly databaseUrl?: string;
  /** The worker's module, run by this Node. Without it, the stack has no worker. */
  readonly workerEntry?: string;
  /** Search attributes that workflows set. */
  readonly searchAttributes?: SearchAttributes;
  /** Whether the stack stays up for other commands rather than ending with this process's work. */
  readonly kept?: boolean;
  readonly onProgress?: (progress: StackProgress) => void;
  readonly signal?: AbortSignal;
}

/** A running stack. `close` ends it if this process started it, and otherwise only releases it. */
export interface Stack extends AsyncDisposable {
  readonly temporalAddress: string;
  /** Address and credentials; see `connectionOptions`. */
  readonly temporal: TemporalAccess & { readonly address: string };
  readonly namespace: string;
  /** Undefined for the user's own Temporal server, whose UI may be anywhere. */
  readonly uiUrl: string | undefined;
  readonly databaseUrl: string;
  readonly artifactsDir: string;
  readonly logsDir: string;
  /** Whether this process started it. */
  readonly owned: boolean;
  /** Process id of the owner. */
  readonly owner: number;
  /** Whether its owner keeps it up for other commands. */
  readonly kept: boolean;
  /**
   * Resolves with the reason if the stack ends without `close`. A later `close` waits for the remaining
   * processes.
   */
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** A running database; see `Stack`. */
export interface Database extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly artifactsDir: string;
  readonly owned: boolean;
  close(): Promise<void>;
}
