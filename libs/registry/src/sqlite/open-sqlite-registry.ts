import type { RunId } from '@overture/core';
import type { RunHistory, RunRegistry } from '../registry.ts';
import { claimStage } from './sqlite-claims.ts';
import { applyControl, controlsOf, requestControl } from './sqlite-controls.ts';
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts';
import { releaseLease, renewLease } from './sqlite-leases.ts';
import {
  costsOfParts,
  findRun,
  finishRun,
  listExecutions,
  listMetrics,
  listRuns,
  noteExecution,
  observeEnd,
  partsOf,
  recordMetrics,
  startRun,
} from './sqlite-runs.ts';
import { earlierExecutions, findReusable, listStages, recordStageExecution } from './sqlite-stages.ts';

/** Options of `openSqliteRegistry`. */
export interface SqliteRegistryOptions {
  /** The path of the file, which is created if it is missing, or `:memory:`. */
  readonly file: string;
}

/**
 * Opens a registry of runs and stages in an SQLite file, with Node's built-in `node:sqlite`. Several
 * processes of one machine may share the file; it must not be on a network file system.
 * @throws AppError `REGISTRY_SQLITE` if this Node has no `node:sqlite`; `REGISTRY_FILE` if the file cannot be
 * opened or has other content; `REGISTRY_UNAVAILABLE` (retryable) if it is locked or the disk is full
 */
export async function openSqliteRegistry({ file }: SqliteRegistryOptions): Promise<RunRegistry> {
  const db = await openSqlite(file);
  const close = async (): Promise<void> => db.close();
  return {
    startRun: async (run) => startRun(db, run),
    finishRun: async (end) => finishRun(db, end),
    noteExecution: async (run, execution) => db.transaction(() => noteExecution(db, run, execution)),
    observeEnd: async (end) => observeEnd(db, end),
    recordStageExecution: async (execution) => recordStageExecution(db, execution),
    requestControl: async (control) => requestControl(db, control),
    controlsOf: async (run, node) => controlsOf(db, run, node),
    applyControl: async (id, where, lease) => applyControl(db, id, where, lease),
    findReusable: async (cacheKey) => findReusable(db, cacheKey),
    claimStage: async (claim) => claimStage(db, claim),
    renewLease: async (lease) => renewLease(db, lease),
    releaseLease: async (lease) => releaseLease(db, lease),
    earlierExecutions: async (of) => earlierExecutions(db, of),
    executionOf: async (run, node) =>
      listStages(db, findRun(db, run).id).findLast(
        (stage) => stage.node === node && stage.state !== 'failed',
      ),
    costsOfParts: async (run) => costsOfParts(db, run),
    recordMetrics: async (run, metrics) => recordMetrics(db, run, metrics),
    listRuns: async (filter) => listRuns(db, filter),
    partsOf: async (ids) => partsOf(db, ids),
    getRun: async (id) => getRun(db, id),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function getRun(db: SqliteDatabase, id: string): RunHistory {
  const summary = findRun(db, id);
  const of: RunId = summary.id;
  return {
    ...summary,
    executions: listExecutions(db, of),
    stages: listStages(db, of),
    controls: controlsOf(db, of),
    metrics: listMetrics(db, of),
  };
}
