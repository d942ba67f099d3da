import pg from 'pg';
import type { Digest } from '@overture/core';
import { batched } from './batched.ts';
import { connect } from './connect.ts';
import { connectionSettings, type Environment } from './connection-settings.ts';
import { database } from './database.ts';
import { recordMetrics } from './metrics.ts';
import { migrateRegistry, migrationState, type MigrationState, type RegistryPlace } from './migrations.ts';
import { checkSchema, defaultSchema } from './registry-schema.ts';
import { promotionsOf, recordPromotion } from './promotions.ts';
import { getModel, listModels, registerModel, setAlias } from './models.ts';
import type { HeldLease, Registry, RegistryLogger, StageClaim, StageExecution } from './registry.ts';
import { earlierExecutions } from './run-stages.ts';
import { costsOfParts } from './part-costs.ts';
import { noteExecution, observeEnd } from './run-executions.ts';
import { executionOf, finishRun, getRun, listRuns, partsOf, startRun } from './runs.ts';
import { applyControl, controlsOf, requestControl } from './stage-controls.ts';
import { findReusables, recordExecutions } from './stage-executions.ts';
import { claimStages, releaseLease, renewLeases } from './stage-leases.ts';

/** Options of `openRegistry`. */
export interface OpenRegistryOptions {
  /**
   * `postgres://user:password@host:port/database`. TLS parameters such as `sslmode` have the same meaning as
   * in libpq.
   */
  readonly databaseUrl: string;
  /**
   * The Postgres schema of the tables. Registries in different schemas share nothing. Default: `overture`.
   */
  readonly schema?: string;
  /** Environment variables: those of libpq, such as `PGSSLMODE`, and `HOME`. */
  readonly env?: Environment;
  readonly logger?: RegistryLogger;
  /** Maximum number of connections. Default: 4, because calls are batched. */
  readonly maxConnections?: number;
}

/** Which registry: its database and its schema. */
type DatabaseOptions = Pick<OpenRegistryOptions, 'databaseUrl' | 'schema' | 'env'>;

// With one batch at a time, consecutive stages would wait for each other's round trips. One connection stays
// free for everything else.
const batchesAtOnce = 3;
// Maximum number of remembered executions whose note need not be sent again.
const notedAtMost = 1_000;
// A server that hangs must not block its clients forever.
const queryTimeoutMs = 30_000;

/**
 * Connects to Postgres, applies missing migrations and opens the registry. It keeps no state in a server
 * session, so it works behind a pooler in transaction mode.
 * @throws AppError `REGISTRY_URL`, `REGISTRY_SCHEMA`, `REGISTRY_UNAVAILABLE` (retryable), `REGISTRY_ACCESS`,
 * `REGISTRY_TLS`, `REGISTRY_RIGHTS` or `REGISTRY_LEDGER`
 */
export async function openRegistry({
  databaseUrl,
  schema,
  env,
  logger,
  maxConnections = 4,
}: OpenRegistryOptions): Promise<Registry> {
  const { place, config } = await connected({ databaseUrl, schema, env }, migrateRegistry);
  const pool = new pg.Pool({ ...config, max: maxConnections, query_timeout: queryTimeoutMs });
  // Without a listener, a broken idle connection would end the process. The pool replaces it.
  pool.on('error', (error) =>
    logger?.warn(
      { database: place.label, reason: error.message },
      'A connection to the registry was lost; the next call opens a new one.',
    ),
  );
  logger?.info({ database: place.label, schema: place.schema }, 'The registry is open.');

  const on = database(pool, place);
  const record = batched((executions: readonly StageExecution[]) => recordExecutions(on, executions), {
    atOnce: batchesAtOnce,
  });
  const find = batched((keys: readonly Digest[]) => findReusables(on, keys));
  const claim = batched((claims: readonly StageClaim[]) => claimStages(on, claims), {
    atOnce: batchesAtOnce,
  });
  const renew = batched((leases: readonly HeldLease[]) => renewLeases(on, leases));
  const noted = new Set<string>();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= pool.end());

  return {
    startRun: (run) => startRun(on, run),
    finishRun: (end) => finishRun(on, end),
    async noteExecution(run, execution) {
      // Every stage of such an execution sends the same note.
      const key = `${run} ${execution.id}`;
      if (noted.has(key)) return;
      await noteExecution(on, run, execution);
      if (noted.size === notedAtMost) noted.clear();
      noted.add(key);
    },
    observeEnd: (end) => observeEnd(on, end),
    recordStageExecution: record,
    requestControl: (control) => requestControl(on, control),
    controlsOf: (run, node) => controlsOf(on, run, node),
    applyControl: (id, where, lease) => applyControl(on, { id, where, lease }),
    findReusable: find,
    claimStage: claim,
    renewLease: renew,
    releaseLease: ({ cacheKey, token }) => releaseLease(on, cacheKey, token),
    earlierExecutions: (of) => earlierExecutions(on, of),
    executionOf: (run, node) => executionOf(on, run, node),
    costsOfParts: (run) => costsOfParts(on, run),
    recordMetrics: (run, metrics) => recordMetrics(on, run, metrics),
    registerModel: (version) => registerModel(on, version),
    setAlias: (model, alias, version) => setAlias(on, model, alias, version),
    recordPromotion: (promotion) => recordPromotion(on, promotion),
    promotionsOf: (model) => promotionsOf(on, model),
    listRuns: (filter) => listRuns(on, filter),
    partsOf: (ids) => partsOf(on, ids),
    getRun: (id) => getRun(on, id),
    listModels: () => listModels(on),
    getModel: (reference) => getModel(on, reference),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Applies missing migrations as the owner of the database, and grants other roles read and write access.
 * @returns how many migrations were applied now
 * @throws AppError: the same codes as `openRegistry`
 */
export async function migrateDatabase({
  grant,
  ...options
}: DatabaseOptions & { readonly grant?: readonly string[] }): Promise<MigrationState & RegistryPlace> {
  const { place, result } = await connected(options, (client, on) => migrateRegistry(client, on, { grant }));
  return { ...result, ...place };
}

/**
 * Connects and compares migrations and rights with the registry's requirements. Changes nothing.
 * @throws AppError: the same codes as `openRegistry`
 */
export async function checkDatabase(options: DatabaseOptions): Promise<MigrationState & RegistryPlace> {
  const { place, result } = await connected(options, migrationState);
  return { ...result, ...place };
}

/** Runs a function on a separate connection. */
async function connected<T>(
  { databaseUrl, schema = defaultSchema, env }: DatabaseOptions,
  work: (client: pg.Client, place: RegistryPlace) => Promise<T>,
): Promise<{ result: T; place: RegistryPlace; config: pg.ClientConfig }> {
  checkSchema(schema);
  const settings = await connectionSettings(databaseUrl, env);
  const { client, config } = await connect(settings);
  try {
    const place = { label: settings.label, schema };
    return { result: await work(client, place), place, config };
  } finally {
    await client.end().catch(() => undefined);
  }
}
