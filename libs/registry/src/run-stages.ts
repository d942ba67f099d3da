import type { Digest, RunId } from '@overture/core';
import { and, asc, desc, eq, ne } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { EarlierExecution, RecordedStage } from './registry.ts';

/** The stage executions of a run in the order of recording, each with its lineage. */
export async function listStages(
  { run: query, tables: { artifacts, lineage, stageExecutions } }: Database,
  run: RunId,
): Promise<RecordedStage[]> {
  const ofRun = eq(stageExecutions.run, run);
  const sameArtifact = and(eq(artifacts.digest, lineage.digest), eq(artifacts.kind, lineage.kind));
  const [rows, edges] = await Promise.all([
    query((db) => db.select().from(stageExecutions).where(ofRun).orderBy(asc(stageExecutions.sequence))),
    query((db) =>
      db
        .select({ edge: lineage, bytes: artifacts.bytes })
        .from(lineage)
        .innerJoin(stageExecutions, eq(stageExecutions.id, lineage.execution))
        .innerJoin(artifacts, sameArtifact)
        .where(ofRun)
        .orderBy(asc(lineage.direction), asc(lineage.name)),
    ),
  ]);
  const byExecution = Map.groupBy(edges, ({ edge }) => edge.execution);
  return rows.map(({ run: _run, sequence: _sequence, activityId: _activity, ...row }) => ({
    ...row,
    cacheKey: row.cacheKey as Digest | null,
    artifacts: (byExecution.get(row.id) ?? []).map(({ edge: { direction, name, digest, kind }, bytes }) => ({
      direction,
      name,
      ref: { kind, digest: digest as Digest, bytes },
    })),
  }));
}

/** The latest successful executions of a stage, newest first. Implements `Registry.earlierExecutions`. */
export async function earlierExecutions(
  { run: query, tables: { stageExecutions } }: Database,
  { stage, node, limit = 20 }: { stage: string; node?: string; limit?: number },
): Promise<EarlierExecution[]> {
  const { run, version, input, environment, fingerprint, controls, recordedAt } = stageExecutions;
  const wanted = and(
    eq(stageExecutions.stage, stage),
    node === undefined ? undefined : eq(stageExecutions.node, node),
    ne(stageExecutions.state, 'failed'),
  );
  const rows = await query((db) =>
    db
      .select({ run, version, input, environment, fingerprint, controls, recordedAt })
      .from(stageExecutions)
      .where(wanted)
      .orderBy(desc(stageExecutions.sequence))
      .limit(limit),
  );
  return rows.map((row) => ({
    ...row,
    run: row.run as RunId,
    environment: (row.environment ?? undefined) as EarlierExecution['environment'],
  }));
}
