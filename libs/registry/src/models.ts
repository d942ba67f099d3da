import type { ArtifactRef } from '@overture/protocol';
import { AppError, didYouMean } from '@overture/core';
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import { brokenConstraint } from './database-error.ts';
import type { Database } from './database.ts';
import { checkAlias, checkModelName, parseModelReference } from './model-reference.ts';
import { versionsWhere } from './model-versions.ts';
import type { Model, ModelVersion, NewModelVersion } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';
import type { Tables } from './schema.ts';

/** Implements `Registry.registerModel`. */
export async function registerModel(
  database: Database,
  { model, bundle, report, run }: NewModelVersion,
): Promise<ModelVersion> {
  checkModelName(model);
  const {
    db,
    error,
    tables: { artifacts, models, modelVersions },
  } = database;
  const sameBundle = and(eq(modelVersions.model, model), eq(modelVersions.bundleDigest, bundle.digest));
  try {
    await db.transaction(async (tx) => {
      await tx.insert(models).values({ name: model }).onConflictDoNothing();
      // Lock the model's row, so that version numbers have no gaps and no duplicates.
      await tx.select().from(models).where(eq(models.name, model)).for('update');
      const [known] = await tx
        .select({ version: modelVersions.version })
        .from(modelVersions)
        .where(sameBundle);
      if (known !== undefined) return;
      const [last] = await tx
        .select({ version: sql<number>`coalesce(max(${modelVersions.version}), 0)` })
        .from(modelVersions)
        .where(eq(modelVersions.model, model));
      await tx
        .insert(artifacts)
        .values(artifactRows([bundle, report]))
        .onConflictDoNothing();
      await tx.insert(modelVersions).values({
        model,
        version: (last?.version ?? 0) + 1,
        run,
        ...bundleColumns(bundle),
        ...reportColumns(report),
      });
    });
  } catch (thrown) {
    throw orRunUnknown(error(thrown), run);
  }
  const [version] = await versionsWhere(database, sameBundle);
  return version as ModelVersion;
}

/** Implements `Registry.setAlias`. */
export async function setAlias(
  database: Database,
  model: string,
  alias: string,
  version: number,
): Promise<void> {
  checkModelName(model);
  checkAlias(alias);
  const { aliases } = database.tables;
  try {
    await database.run((db) =>
      db
        .insert(aliases)
        .values({ model, alias, version })
        .onConflictDoUpdate({ target: [aliases.model, aliases.alias], set: { version, setAt: sql`now()` } }),
    );
  } catch (error) {
    throw brokenConstraint(error) === 'aliases_version'
      ? await modelUnknown(database, model, `${model}@${version}`)
      : error;
  }
}

/** All models with their versions, newest version first. */
export async function listModels(database: Database): Promise<Model[]> {
  const { models } = database.tables;
  const [rows, versions] = await Promise.all([
    database.run((db) => db.select().from(models).orderBy(asc(models.name))),
    versionsWhere(database, undefined),
  ]);
  const byModel = Map.groupBy(versions, ({ model }) => model);
  return rows.map((row) => ({
    ...row,
    versions: (byModel.get(row.name) ?? []).sort((a, b) => b.version - a.version),
  }));
}

/** Implements `Registry.getModel`. */
export async function getModel(database: Database, reference: string): Promise<ModelVersion> {
  const { name, version, alias } = parseModelReference(reference);
  const { aliases, modelVersions } = database.tables;
  const aliased = and(eq(aliases.model, name), eq(aliases.alias, alias ?? ''));
  const wanted = inArray(
    modelVersions.version,
    alias === undefined
      ? database.db
          .select({ version: sql`coalesce(${version ?? null}::int, max(${modelVersions.version}))` })
          .from(modelVersions)
          .where(eq(modelVersions.model, name))
      : database.db.select({ version: aliases.version }).from(aliases).where(aliased),
  );
  const [found] = await versionsWhere(database, and(eq(modelVersions.model, name), wanted));
  if (found === undefined) throw await modelUnknown(database, name, reference);
  return found;
}

/** The error for an unknown model or version, with a list of those that exist. */
export async function modelUnknown(database: Database, name: string, reference: string): Promise<AppError> {
  const known = await listModels(database);
  const model = known.find((candidate) => candidate.name === name);
  const there = model
    ? `${name} has ${model.versions
        .flatMap(({ version, aliases: names }) => [String(version), ...names])
        .map((which) => `@${which}`)
        .join(', ')}`
    : `the registry has ${known.map((candidate) => candidate.name).join(', ') || 'no model yet; train one with: npx overture train'}`;
  return new AppError(
    'MODEL_UNKNOWN',
    `A model must be in the registry. Got ${JSON.stringify(reference)}, which is not there: ${there}.${
      model
        ? ''
        : didYouMean(
            name,
            known.map((candidate) => candidate.name),
          )
    }`,
    { details: { reference } },
  );
}

function artifactRows(refs: readonly (ArtifactRef | undefined)[]): Tables['artifacts']['$inferInsert'][] {
  return refs.filter((ref) => ref !== undefined).map(({ digest, kind, bytes }) => ({ digest, kind, bytes }));
}

function bundleColumns({ digest, kind, bytes }: ArtifactRef): {
  bundleDigest: string;
  bundleKind: string;
  bundleBytes: number;
} {
  return { bundleDigest: digest, bundleKind: kind, bundleBytes: bytes };
}

function reportColumns(report: ArtifactRef | undefined): {
  reportDigest?: string;
  reportKind?: string;
  reportBytes?: number;
} {
  return { reportDigest: report?.digest, reportKind: report?.kind, reportBytes: report?.bytes };
}
