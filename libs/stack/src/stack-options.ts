import type { DownloadProgress } from '@overture/downloads';
import type { SearchAttributeType } from './temporal/search-attributes.ts';
import type { TemporalAccess } from './temporal/temporal-settings.ts';

/** What happens while a stack starts and, later, when one of its processes ends by itself. */
export type StackProgress =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'download'; readonly download: DownloadProgress };

export interface StackOptions {
  /** State of the project: databases, artifacts, logs; absolute path. */
  readonly home: string;
  /** Downloads shared by all clones; see `cacheFolder`. */
  readonly cacheDir: string;
  /** Environment of the child processes; PATH is also where `temporal` is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A Temporal server of the user's own, host:port; none is started then. */
  readonly temporalAddress?: string;
  /** How that server lets us in. */
  readonly temporalAccess?: TemporalAccess;
  /** Default `default`. */
  readonly namespace?: string;
  /** A Postgres database of the user's own; none is started then. */
  readonly databaseUrl?: string;
  /** The worker's module, run by this Node; without it the stack has no worker. */
  readonly workerEntry?: string;
  /** Search attributes that workflows set. */
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  /** Whether the stack is meant to stay up for other commands, rather than end with the work of this process. */
  readonly kept?: boolean;
  readonly onProgress?: (progress: StackProgress) => void;
  readonly signal?: AbortSignal;
}

/** A stack that answers. `close` ends it if this process started it, and lets go of it otherwise. */
export interface Stack extends AsyncDisposable {
  readonly temporalAddress: string;
  /** Address and credentials; see `connectionOptions`. */
  readonly temporal: TemporalAccess & { readonly address: string };
  readonly namespace: string;
  /** Undefined for a Temporal server of the user's own, whose UI may be anywhere. */
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
  /** Settles with the reason when the stack ended without `close`, which then waits for what is left of it. */
  readonly lost: Promise<Error>;
  close(): Promise<void>;
}

/** A database that answers; see `Stack`. */
export interface Database extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly artifactsDir: string;
  readonly owned: boolean;
  close(): Promise<void>;
}
