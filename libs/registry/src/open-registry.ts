import pg from 'pg';
import { AppError, type Digest } from '@overture/core';
import { batched } from './batched.ts';
import { databaseError } from './database-error.ts';
import { database } from './database.ts';
import { recordMetrics } from './metrics.ts';
import { migrateRegistry } from './migrations.ts';
import { promotionsOf, recordPromotion } from './promotions.ts';
import { getModel, listModels, registerModel, setAlias } from './models.ts';
import type { HeldLease, Registry, RegistryLogger, StageClaim, StageExecution } from './registry.ts';
import { earlierExecutions } from './run-stages.ts';
import { costsOfParts } from './part-costs.ts';
import { executionOf, finishRun, getRun, listRuns, startRun } from './runs.ts';
import { applyControl, controlsOf, requestControl } from './stage-controls.ts';
import { findReusables, recordExecutions } from './stage-executions.ts';
import { claimStages, releaseLease, renewLeases } from './stage-leases.ts';

export interface OpenRegistryOptions {
  /** `postgres://user:password@host:port/database` */
  readonly databaseUrl: string;
  readonly logger?: RegistryLogger;
  /** Connections at most; default 4, since calls are batched. */
  readonly maxConnections?: number;
}

const connectTimeoutMs = 10_000;
// Stages that come one after the other would wait for the round trip of the one before; a connection is left for everything else.
const batchesAtOnce = 3;
// A server that hangs must not hang its clients for ever.
const queryTimeoutMs = 30_000;

/**
 * Connects to Postgres, applies the migrations that are missing, and opens the registry.
 * @throws AppError `REGISTRY_URL`, `REGISTRY_UNAVAILABLE` (retryable), `REGISTRY_ACCESS`, `REGISTRY_LEDGER`
 */
export async function openRegistry({ databaseUrl, logger, maxConnections = 4 }: OpenRegistryOptions): Promise<Registry> {
  const connection = { connectionString: databaseUrl, application_name: 'overture', connectionTimeoutMillis: connectTimeoutMs, keepAlive: true };
  const label = await migrateOn(connection);
  const pool = new pg.Pool({ ...connection, max: maxConnections, query_timeout: queryTimeoutMs, onConnect: planOnce });
  // Without a listener an idle connection that breaks would end the process; the pool replaces it by itself.
  pool.on('error', (error) => logger?.warn({ database: label, reason: error.message }, 'A connection to the registry was lost; the next call opens a new one.'));
  logger?.info({ database: label }, 'The registry is open.');

  const on = database(pool, label);
  const record = batched((executions: readonly StageExecution[]) => recordExecutions(on, executions), { atOnce: batchesAtOnce });
  const find = batched((keys: readonly Digest[]) => findReusables(on, keys));
  const claim = batched((claims: readonly StageClaim[]) => claimStages(on, claims), { atOnce: batchesAtOnce });
  const renew = batched((leases: readonly HeldLease[]) => renewLeases(on, leases));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= pool.end());

  return {
    startRun: (run) => startRun(on, run),
    finishRun: (end) => finishRun(on, end),
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
    getRun: (id) => getRun(on, id),
    listModels: () => listModels(on),
    getModel: (reference) => getModel(on, reference),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Planning takes these statements longer than running, and their plan is the same whatever their arrays hold. Made when the tables are empty it would
 * read them whole for ever, as leases do not stay but leave thousands of dead rows between two vacuums: by index always. Settings rather than
 * options of the connection, since poolers refuse those.
 */
async function planOnce(client: pg.ClientBase): Promise<void> {
  await client.query('set plan_cache_mode = force_generic_plan; set enable_seqscan = off');
}

/** Migrates on a connection of its own; gives the database's name for messages. */
async function migrateOn(connection: pg.ClientConfig): Promise<string> {
  const client = newClient(connection);
  const label = `${client.database ?? '?'} at ${client.host}:${client.port}`;
  // Said through the promise of whatever was running; a listener keeps it from ending the process as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await migrateRegistry(client, label);
    return label;
  } catch (error) {
    throw databaseError(error, label);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function newClient(connection: pg.ClientConfig): pg.Client {
  try {
    // The driver takes any other text for the name of a database on this machine.
    if (/^postgres(ql)?:\/\//.test(connection.connectionString ?? '')) return new pg.Client(connection);
  } catch {
    // Said below without the address and the parser's words: they may hold the password.
  }
  throw new AppError('REGISTRY_URL', 'DATABASE_URL must be an address such as postgres://user:password@host:5432/database. Got something else; special characters in it must be percent-encoded.');
}
