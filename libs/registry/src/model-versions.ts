import type { ArtifactRef } from '@overture/protocol';
import type { Digest, RunId } from '@overture/core';
import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import type { Database } from './database.ts';
import type { ModelVersion } from './registry.ts';
import type { Tables } from './schema.ts';

/** Returns the model versions that match a condition on their table, newest first. */
export async function versionsWhere(
  { run: query, tables: { aliases, modelVersions } }: Database,
  condition: SQL | undefined,
): Promise<ModelVersion[]> {
  const ofVersion = and(eq(aliases.model, modelVersions.model), eq(aliases.version, modelVersions.version));
  const names = sql<
    string[]
  >`coalesce((select json_agg(${aliases.alias} order by ${aliases.alias}) from ${aliases} where ${ofVersion}), '[]')`;
  const rows = await query((db) =>
    db
      .select({ version: modelVersions, aliases: names })
      .from(modelVersions)
      .where(condition)
      .orderBy(desc(modelVersions.createdAt), desc(modelVersions.version)),
  );
  return rows.map((row) => toModelVersion(row.version, row.aliases));
}

function toModelVersion(
  row: Tables['modelVersions']['$inferSelect'],
  names: readonly string[],
): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    bundle: ref(row.bundleKind, row.bundleDigest, row.bundleBytes),
    report:
      row.reportDigest === null ? null : ref(row.reportKind ?? '', row.reportDigest, row.reportBytes ?? 0),
    run: row.run as RunId | null,
    createdAt: row.createdAt,
    aliases: names,
  };
}

function ref(kind: string, digest: string, bytes: number): ArtifactRef {
  return { kind, digest: digest as Digest, bytes };
}
