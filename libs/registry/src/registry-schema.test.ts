import { readMigrationFiles } from 'drizzle-orm/migrator';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { digestOf, type RunId } from '@overture/core';
import { migrationsFolder } from './migrations.ts';
import { checkDatabase, migrateDatabase, openRegistry } from './open-registry.ts';
import type { Registry } from './registry.ts';
import { checkSchema, inSchema } from './registry-schema.ts';
import { emptyDatabase } from './testing/index.ts';
import { sampleExecution, sampleRef } from './testing/sample.ts';

const run = 'w/r' as RunId;
const cacheKey = digestOf('key');

async function ask(databaseUrl: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** Calls everything that writes, with the same ids in each registry. */
async function fill(registry: Registry, outputs: unknown): Promise<void> {
  await registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
  const claim = await registry.claimStage({
    run,
    node: 'n',
    stage: 's',
    cacheKey,
    activityId: '1',
    attempt: 1,
    reuse: true,
    leaseMs: 60_000,
  });
  if (claim.kind !== 'leased') throw new Error(claim.kind);
  const lease = { cacheKey, token: claim.token };
  expect(await registry.renewLease({ ...lease, leaseMs: 60_000 })).toBe(true);
  const control = { id: '00000000-0000-4000-8000-000000000001', run, node: 'n', action: {}, by: null };
  await registry.requestControl(control);
  expect(await registry.applyControl(control.id, { cacheKey, step: 1, changesResult: false }, lease)).toBe(
    true,
  );
  await registry.recordStageExecution(
    sampleExecution(run, {
      node: 'n',
      lease,
      metrics: [{ scope: 's', name: 'm', value: 1 }],
      outcome: { state: 'ran', outputs },
    }),
  );
  await registry.recordMetrics(run, [{ scope: 's', name: 'other', value: 2 }]);
  await registry.registerModel({ model: 'm', bundle: sampleRef('bundle', 'b'), run });
  await registry.recordPromotion({
    run,
    model: 'm',
    alias: 'champion',
    version: 1,
    approved: true,
    decidedBy: 'rule',
    by: null,
    reason: null,
    evidence: {},
  });
  await registry.setAlias('m', 'latest', 1);
  await registry.noteExecution(run, { id: 'second', cause: 'reset' });
  await registry.finishRun({ run, execution: { id: 'second', cause: 'reset' }, outcome: 'completed' });
}

describe('two registries in one database', () => {
  // `order` is a reserved word in SQL.
  it('share nothing, although their keys and ids are the same', async () => {
    const databaseUrl = await emptyDatabase();
    await using first = await openRegistry({ databaseUrl });
    await using second = await openRegistry({ databaseUrl, schema: 'order' });
    await fill(first, { n: 1 });
    expect([
      await second.listRuns(),
      await second.listModels(),
      await second.findReusable(cacheKey),
      await second.earlierExecutions({ stage: 'tokenize' }),
    ]).toEqual([[], [], undefined, []]);
    await expect(second.getRun(run)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
    await expect(second.getModel('m')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    await expect(second.costsOfParts(run)).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });

    await fill(second, { n: 2 });
    for (const [registry, n] of [
      [first, 1],
      [second, 2],
    ] as const) {
      expect(await registry.findReusable(cacheKey)).toMatchObject({ outputs: { n } });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'completed',
        stages: [{ outputs: { n } }],
        controls: [{ applied: { step: 1 } }],
        models: [{ model: 'm', aliases: ['champion', 'latest'] }],
        executions: [{}, {}],
      });
      expect(await registry.promotionsOf('m')).toHaveLength(1);
      expect(await registry.partsOf([run])).toEqual(new Map());
      expect(await registry.costsOfParts(run)).toEqual([]);
    }
  });

  it('lease the same key independently', async () => {
    const databaseUrl = await emptyDatabase();
    await using first = await openRegistry({ databaseUrl, schema: 'app_1' });
    await using second = await openRegistry({ databaseUrl, schema: 'app_2' });
    const claim = {
      run,
      node: 'n',
      stage: 's',
      cacheKey,
      activityId: '1',
      attempt: 1,
      reuse: true,
      leaseMs: 60_000,
    };
    const lease = await first.claimStage(claim);
    expect([lease, await second.claimStage(claim), await first.claimStage(claim)]).toMatchObject([
      { kind: 'leased', contended: false },
      { kind: 'leased', contended: false },
      { kind: 'held' },
    ]);
    if (lease.kind !== 'leased') throw new Error(lease.kind);
    expect(await second.renewLease({ cacheKey, token: lease.token, leaseMs: 60_000 })).toBe(false);
    await second.releaseLease({ cacheKey, token: lease.token });
    expect(await first.renewLease({ cacheKey, token: lease.token, leaseMs: 60_000 })).toBe(true);
  });

  it('are migrated independently, also at the same time', async () => {
    const databaseUrl = await emptyDatabase();
    const names = ['overture', 'app', 'order', 'x'];
    const registries = await Promise.all(
      [...names, ...names].map((schema) => openRegistry({ databaseUrl, schema })),
    );
    await Promise.all(registries.map((registry) => registry.close()));
    expect(
      await ask(
        databaseUrl,
        `select tablename as name from pg_tables where schemaname = 'drizzle' order by 1`,
      ),
    ).toEqual(['app', 'order', 'overture', 'x'].map((name) => ({ name })));
    const tables = `select schemaname as schema, count(*)::int as tables from pg_tables where schemaname not in ('pg_catalog', 'information_schema', 'drizzle') group by 1 order by 1`;
    expect(await ask(databaseUrl, tables)).toEqual(
      ['app', 'order', 'overture', 'x'].map((schema) => ({ schema, tables: 12 })),
    );

    // A database of another version in one schema leaves the others usable.
    await ask(databaseUrl, `update drizzle.app set hash = 'edited'`);
    await expect(openRegistry({ databaseUrl, schema: 'app' })).rejects.toMatchObject({
      code: 'REGISTRY_LEDGER',
    });
    expect(await checkDatabase({ databaseUrl, schema: 'order' })).toMatchObject({
      applied: 7,
      shipped: 7,
      schema: 'order',
    });
    expect(await checkDatabase({ databaseUrl, schema: 'new' })).toMatchObject({ applied: 0, shipped: 7 });
    await (await openRegistry({ databaseUrl })).close();
  });

  it('can be opened by a role with rights on one of them only', async () => {
    const databaseUrl = await emptyDatabase();
    const role = `app_${randomUUID().slice(0, 8)}`;
    await ask(databaseUrl, `create role ${role} login password 'app'`);
    expect(await migrateDatabase({ databaseUrl, schema: 'order', grant: [role] })).toMatchObject({
      applied: 7,
      schema: 'order',
    });
    await migrateDatabase({ databaseUrl });
    const restricted = Object.assign(new URL(databaseUrl), { username: role, password: 'app' }).href;
    await using registry = await openRegistry({ databaseUrl: restricted, schema: 'order' });
    await fill(registry, { n: 1 });
    await expect(openRegistry({ databaseUrl: restricted })).rejects.toMatchObject({
      code: 'REGISTRY_RIGHTS',
      message: expect.stringContaining('lacks SELECT on drizzle.overture'),
    });

    await ask(databaseUrl, `revoke insert on "order".runs from ${role}`);
    const error: unknown = await openRegistry({ databaseUrl: restricted, schema: 'order' }).catch(
      (thrown: unknown) => thrown,
    );
    const sentence = new RegExp(
      `^The role "${role}" lacks INSERT on order\\.runs in the database .+ runs: overture registry migrate --schema order --grant ${role} \\(or, in SQL: (.+)\\)$`,
    );
    expect(error).toMatchObject({ code: 'REGISTRY_RIGHTS', message: expect.stringMatching(sentence) });
    await expect(
      registry.startRun({ run: 'w/2' as RunId, workflowId: 'w', pipeline: 'p', input: {} }),
    ).rejects.toThrow('runs: overture registry migrate --schema order --grant ROLE');
    // The SQL in the message fixes the problem.
    await ask(databaseUrl, sentence.exec((error as Error).message)![1]!);
    await (await openRegistry({ databaseUrl: restricted, schema: 'order' })).close();
    await expect(openRegistry({ databaseUrl: restricted, schema: 'third' })).rejects.toMatchObject({
      code: 'REGISTRY_RIGHTS',
      message: expect.stringMatching(
        new RegExp(
          `lacks CREATE on the database to make the schema third\\. .+ --schema third --grant ${role} \\(or, in SQL: create schema "third" authorization "${role}", or grant create`,
        ),
      ),
    });
  });
});

describe('inSchema', () => {
  it('leaves no name of the schema overture in any shipped migration', () => {
    const statements = readMigrationFiles({ migrationsFolder }).flatMap(({ sql }) => sql);
    expect(statements.length).toBeGreaterThan(40);
    for (const statement of statements) {
      expect(inSchema(statement, 'other')).not.toMatch(/overture/i);
      expect(inSchema(statement, 'overture')).toBe(statement);
    }
  });
});

describe('checkSchema', () => {
  it.each(['overture', 'a', 'app_2', 'order', `a${'b'.repeat(40)}`])('allows %j', (schema) =>
    expect(() => checkSchema(schema)).not.toThrow(),
  );

  it.each([
    '',
    'App',
    '1a',
    '_a',
    'a-b',
    'a.b',
    'a"b',
    'ä',
    'a\n',
    `a${'b'.repeat(41)}`,
    'pg_toast',
    'public',
    'drizzle',
    'information_schema',
    'overture_pkey',
    'app_id_seq1',
  ])('refuses %j', async (schema) => {
    await expect(
      openRegistry({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', schema }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_SCHEMA',
      retryable: false,
      message: expect.stringMatching(
        /^The schema of a registry must (be 1 to 41 lowercase letters, digits and underscores, and start with a letter|not be public, drizzle or information_schema, start with pg_, or end with _pkey or _id_seq)\. Got ".*" instead\.$/,
      ),
    });
  });
});
