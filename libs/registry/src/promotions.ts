import { and, desc, eq, sql } from 'drizzle-orm';
import { brokenConstraint } from './database-error.ts';
import type { Database } from './database.ts';
import { checkAlias, checkModelName } from './model-reference.ts';
import { modelUnknown } from './models.ts';
import type { NewPromotion, Promotion } from './registry.ts';
import { orRunUnknown } from './run-unknown.ts';

/**
 * Records a decision and, if it was approved, points the alias at the version, in one transaction. Each run
 * decides once.
 */
export async function recordPromotion(
  database: Database,
  { run, model, alias, version, ...decision }: NewPromotion,
): Promise<Promotion> {
  checkModelName(model);
  checkAlias(alias);
  const {
    db,
    error,
    tables: { aliases, promotions },
  } = database;
  const ofRun = and(eq(promotions.run, run), eq(promotions.model, model), eq(promotions.alias, alias));
  try {
    await db.transaction(async (tx) => {
      // Serializes decisions about the same alias.
      await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`${model}@${alias}`}, 0))`);
      const [known] = await tx.select().from(promotions).where(ofRun);
      if (known !== undefined) return;
      const [before] = await tx
        .select({ version: aliases.version })
        .from(aliases)
        .where(and(eq(aliases.model, model), eq(aliases.alias, alias)));
      await tx
        .insert(promotions)
        .values({ run, model, alias, version, previous: before?.version ?? null, ...decision });
      if (!decision.approved) return;
      await tx
        .insert(aliases)
        .values({ model, alias, version })
        .onConflictDoUpdate({ target: [aliases.model, aliases.alias], set: { version, setAt: sql`now()` } });
    });
  } catch (thrown) {
    const broken = error(thrown);
    throw brokenConstraint(broken) === 'promotions_version'
      ? await modelUnknown(database, model, `${model}@${version}`)
      : orRunUnknown(broken, run);
  }
  const [recorded] = await database.run((query) => query.select().from(promotions).where(ofRun));
  return recorded as Promotion;
}

/** All decisions about a model, newest first. */
export async function promotionsOf(
  { run: query, tables: { promotions } }: Database,
  model: string,
): Promise<Promotion[]> {
  const rows = await query((db) =>
    db
      .select()
      .from(promotions)
      .where(eq(promotions.model, checkModelName(model)))
      .orderBy(desc(promotions.decidedAt)),
  );
  return rows as Promotion[];
}
