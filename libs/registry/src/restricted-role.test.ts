import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Digest, RunId } from '@overture/core';
import { checkDatabase, migrateDatabase, openRegistry } from './open-registry.ts';
import type { Registry } from './registry.ts';
import { emptyDatabase } from './testing/index.ts';

const cacheKey = `sha256:${'a'.repeat(64)}` as Digest;
const run = 'w/r' as RunId;

/**
 * Creates a database and a role with only the rights that `sql` grants. `owner` is the database's address for
 * the superuser.
 */
async function restricted(sql: (role: string) => string): Promise<{
  owner: string;
  url: string;
  role: string;
  ask(sql: string): Promise<Record<string, unknown>[]>;
}> {
  const owner = await emptyDatabase();
  const role = `app_${randomUUID().slice(0, 8)}`;
  const ask = async (statements: string): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: owner });
    await client.connect();
    try {
      return (await client.query(statements)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };
  await ask(`create role ${role} login password 'app'; ${sql(role)}`);
  return { owner, role, ask, url: Object.assign(new URL(owner), { username: role, password: 'app' }).href };
}

async function useIt(registry: Registry): Promise<void> {
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
  const corpus = { kind: 'corpus', digest: cacheKey, bytes: 3 };
  const metrics = [{ scope: 's', name: 'm', value: 1 }];
  await registry.recordStageExecution({
    run,
    node: 'n',
    stage: 's',
    version: 1,
    cacheKey,
    lease,
    input: {},
    durationMs: 1,
    metrics,
    outcome: { state: 'ran', outputs: { corpus } },
  });
  expect(await registry.findReusable(cacheKey)).toMatchObject({ node: 'n', outputs: { corpus } });
  await registry.recordMetrics(run, metrics);
  await registry.registerModel({ model: 'm', bundle: corpus, run });
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
  await registry.requestControl({ id: randomUUID(), run, node: 'n', action: {}, by: null });
  await registry.finishRun({ run, outcome: 'completed' });
  expect(await registry.getRun(run)).toMatchObject({
    state: 'completed',
    stages: [{ state: 'ran' }],
    controls: [{ node: 'n' }],
    models: [{ version: 1 }],
  });
}

describe('a role that may create no schemas', () => {
  it('migrates into schemas that were made for it, and opens the database again later', async () => {
    const { url, ask } = await restricted(
      (role) => `create schema drizzle authorization ${role}; create schema overture authorization ${role};`,
    );
    await using registry = await openRegistry({ databaseUrl: url });
    await useIt(registry);
    expect(
      await ask(
        `select has_database_privilege('${new URL(url).username}', current_database(), 'CREATE') as may`,
      ),
    ).toEqual([{ may: false }]);
    await (await openRegistry({ databaseUrl: url })).close();
  });

  it('is told which right it lacks where nothing was made for it', async () => {
    const { url, role } = await restricted(() => '');
    await expect(openRegistry({ databaseUrl: url })).rejects.toMatchObject({
      code: 'REGISTRY_RIGHTS',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(
          `^The registry in the database test_\\w+ at 127\\.0\\.0\\.1:\\d+ needs 7 of its 7 migrations applied, for which the role "${role}" lacks CREATE on the database to make the schema overture\\. ` +
            `The owner of the database runs: overture registry migrate --grant ${role} \\(or, in SQL: create schema "overture" authorization "${role}", or grant create on database "test_\\w+" to "${role}"\\)$`,
        ),
      ),
    });
  });

  it.each([
    {
      what: 'the schema for tables may only be used',
      sql: (role: string) =>
        `create schema overture; create schema drizzle authorization ${role}; grant usage on schema overture to ${role}`,
      right: 'CREATE on the schema overture',
      remedy: 'grant usage, create on schema "overture" to',
    },
    {
      what: 'the schema for the list of migrations is missing',
      sql: (role: string) => `create schema overture authorization ${role}`,
      right: 'CREATE on the database to make the schema drizzle',
      remedy: 'create schema "drizzle" authorization',
    },
  ])('is told when $what', async ({ sql, right, remedy }) => {
    const { url, role } = await restricted(sql);
    const message = expect.stringMatching(
      new RegExp(`the role "${role}" lacks ${right}\\. .+in SQL: ${remedy} "${role}"`),
    );
    await expect(openRegistry({ databaseUrl: url })).rejects.toMatchObject({
      code: 'REGISTRY_RIGHTS',
      message,
    });
  });
});

describe('a role that may only read and write', () => {
  it('runs everything on a database that its owner has migrated with --grant', async () => {
    const { owner, url, role } = await restricted(() => '');
    expect(await migrateDatabase({ databaseUrl: owner, grant: [role] })).toMatchObject({
      role: 'overture',
      applied: 7,
      shipped: 7,
    });
    await using registry = await openRegistry({ databaseUrl: url });
    await useIt(registry);
    expect(await checkDatabase({ databaseUrl: url })).toMatchObject({ role, applied: 7, shipped: 7 });
    expect(await migrateDatabase({ databaseUrl: owner, grant: [role] })).toMatchObject({ applied: 0 });
  });

  it('is told that the owner has to migrate when migrations are missing', async () => {
    const { owner, url, role, ask } = await restricted(() => '');
    await migrateDatabase({ databaseUrl: owner, grant: [role] });
    await ask('delete from drizzle.overture where id = 7');
    await expect(openRegistry({ databaseUrl: url })).rejects.toMatchObject({
      code: 'REGISTRY_RIGHTS',
      message: expect.stringMatching(
        new RegExp(
          `needs 1 of its 7 migrations applied, for which the role "${role}" lacks CREATE on the schema overture\\.`,
        ),
      ),
    });
  });

  it.each([
    { sql: 'revoke usage on schema overture from ROLE', right: 'USAGE on the schema overture' },
    {
      sql: 'revoke usage on schema drizzle from ROLE',
      right: 'USAGE on the schema drizzle, which has the list of applied migrations',
    },
    {
      sql: 'revoke select on drizzle.overture from ROLE',
      right: 'SELECT on drizzle.overture, the list of applied migrations',
    },
    { sql: 'revoke insert on overture.runs from ROLE', right: 'INSERT on overture.runs' },
    { sql: 'revoke delete on overture.stage_leases from ROLE', right: 'DELETE on overture.stage_leases' },
    {
      sql: 'revoke all on all tables in schema overture from ROLE',
      right:
        'DELETE on overture.stage_leases, INSERT on overture.aliases, INSERT on overture.artifacts and 34 more',
    },
    {
      sql: 'revoke execute on all functions in schema overture from public, ROLE',
      right:
        'EXECUTE on overture.claim_stages, EXECUTE on overture.find_reusable, EXECUTE on overture.record_executions and 1 more',
    },
  ])('is told the missing right after: $sql', async ({ sql, right }) => {
    const { owner, url, role, ask } = await restricted(() => '');
    await migrateDatabase({ databaseUrl: owner, grant: [role] });
    await ask(sql.replace('ROLE', role));
    const error: unknown = await openRegistry({ databaseUrl: url }).catch((thrown: unknown) => thrown);
    const sentence = new RegExp(
      `^The role "${role}" lacks ${right.replaceAll('.', '\\.')} in the database test_\\w+ at [\\d.:]+\\. The owner of the database runs: overture registry migrate --grant ${role} \\(or, in SQL: (.+)\\)$`,
    );
    expect(error).toMatchObject({ code: 'REGISTRY_RIGHTS', message: expect.stringMatching(sentence) });
    // The SQL in the message fixes the problem.
    await ask(sentence.exec((error as Error).message)![1]!);
    await (await openRegistry({ databaseUrl: url })).close();
  });

  it('meets a right that was taken away while it works with a sentence', async () => {
    const { owner, url, role, ask } = await restricted(() => '');
    await migrateDatabase({ databaseUrl: owner, grant: [role] });
    await using registry = await openRegistry({ databaseUrl: url });
    await ask(`revoke insert on overture.runs from ${role}`);
    await expect(registry.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} })).rejects.toMatchObject(
      {
        code: 'REGISTRY_RIGHTS',
        message: expect.stringMatching(
          /^The role of DATABASE_URL lacks a right in the database .+: permission denied for table runs\. The owner of the database runs: overture registry migrate --grant ROLE$/,
        ),
      },
    );
  });

  it('may have a name with odd characters', async () => {
    const { owner, ask } = await restricted(() => '');
    const role = `Ada "O'Neil" ${randomUUID().slice(0, 4)}`;
    await ask(`create role "${role.replaceAll('"', '""')}" login password 'app'`);
    await migrateDatabase({ databaseUrl: owner, grant: [role] });
    const url = Object.assign(new URL(owner), { username: encodeURIComponent(role), password: 'app' }).href;
    await (await openRegistry({ databaseUrl: url })).close();
  });

  it('is refused a role that does not exist', async () => {
    const { owner } = await restricted(() => '');
    await expect(migrateDatabase({ databaseUrl: owner, grant: ['nobody'] })).rejects.toThrow(
      'role "nobody" does not exist',
    );
  });
});
