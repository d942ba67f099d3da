import { randomUUID } from 'node:crypto';
import { createTestDatabase, startTestPooler, type TestPostgres } from '@overture/registry/testing';
import pg from 'pg';
import { refuses, trained, works, type Environment, type Verdict } from './environment.ts';
import { overture, run, smallTraining, type Ended } from './overture-command.ts';

async function ask(databaseUrl: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

/** A new database, and a role without any rights in it. */
async function restricted(server: TestPostgres): Promise<{ owner: string; url: string; role: string }> {
  const owner = await createTestDatabase(server.url);
  const role = `app_${randomUUID().slice(0, 8)}`;
  await ask(owner, `create role ${role} login password 'app'`);
  return { owner, role, url: Object.assign(new URL(owner), { username: role, password: 'app' }).href };
}

const withDatabase = (folder: string, databaseUrl: string, args: readonly string[]): Promise<Ended> =>
  overture(args, {
    env: { OVERTURE_HOME: `${folder}/home`, HOME: process.env['HOME'] ?? '/', DATABASE_URL: databaseUrl },
  });

/** What clients behind a pooler would find of our state in the sessions that they share. */
async function leftInSessions(url: string): Promise<string[]> {
  const found = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const [row] = await ask(
      url,
      `select current_setting('enable_seqscan') as enable_seqscan, current_setting('plan_cache_mode') as plan_cache_mode, (select count(*)::int from pg_prepared_statements where name <> '') as prepared,
      (select count(*)::int from pg_locks where locktype = 'advisory') as advisory`,
    );
    const { enable_seqscan: seqscan, plan_cache_mode: plans, prepared, advisory } = row!;
    if (seqscan !== 'on' || plans !== 'auto' || prepared !== 0 || advisory !== 0)
      found.add(JSON.stringify(row));
  }
  return [...found];
}

/** Databases as teams provide them, on one real Postgres. */
export function databaseEnvironments(server: TestPostgres): Environment[] {
  return [
    {
      name: 'role that owns its schemas and may create none',
      async tryIt(folder) {
        const { owner, role, url } = await restricted(server);
        await ask(
          owner,
          `revoke create on database ${new URL(owner).pathname.slice(1)} from public; create schema drizzle authorization ${role}; create schema overture authorization ${role}`,
        );
        const first = await withDatabase(folder, url, ['runs', 'ls', '--json']);
        const again = await withDatabase(folder, url, ['runs', 'ls', '--json']);
        return first.code === 0 && again.code === 0
          ? works('migrated into the schemas that were there, and opened them again')
          : { kind: 'WRONG', message: first.err || again.err };
      },
    },
    {
      name: 'role without any right, on an empty database',
      tryIt: async (folder) =>
        refuses(
          await withDatabase(folder, (await restricted(server)).url, ['runs', 'ls']),
          /lacks CREATE on the database to make the schema overture\. The owner of the database runs: overture registry migrate --grant/,
        ),
    },
    {
      name: 'role that may only read and write, migrated by the owner',
      async tryIt(folder) {
        const { owner, role, url } = await restricted(server);
        const migrated = await withDatabase(folder, owner, [
          'registry',
          'migrate',
          '--grant',
          role,
          '--json',
        ]);
        if (migrated.code !== 0) return { kind: 'WRONG', message: migrated.err };
        return trained(await withDatabase(folder, url, smallTraining()), 'overture registry migrate --grant');
      },
    },
    {
      name: 'the same, one right taken away',
      async tryIt(folder) {
        const { owner, role, url } = await restricted(server);
        await withDatabase(folder, owner, ['registry', 'migrate', '--grant', role]);
        await ask(owner, `revoke insert on overture.runs from ${role}`);
        return refuses(
          await withDatabase(folder, url, ['runs', 'ls']),
          /lacks INSERT on overture\.runs in the database .+ in SQL: grant/,
        );
      },
    },
    {
      name: 'PgBouncer in transaction mode, without prepared statements',
      async tryIt(folder) {
        if (!(await hasPooler()))
          return { kind: 'skipped', message: 'pgbouncer is not installed: apt-get install pgbouncer' };
        await using pooler = await startTestPooler(await createTestDatabase(server.url), { sessions: 5 });
        const opened = await Promise.all(
          Array.from({ length: 4 }, () => withDatabase(folder, pooler.url, ['runs', 'ls', '--json'])),
        );
        const failed = opened.find(({ code }) => code !== 0);
        if (failed !== undefined) return { kind: 'WRONG', message: failed.err };
        const verdict: Verdict = trained(
          await withDatabase(folder, pooler.url, smallTraining()),
          'four commands migrated at once',
        );
        const left = await leftInSessions(pooler.url);
        return left.length === 0
          ? { ...verdict, message: `${verdict.message}; nothing left in the shared sessions` }
          : { kind: 'WRONG', message: `left in shared sessions: ${left.join()}` };
      },
    },
    {
      name: 'database without TLS, sslmode=require',
      tryIt: async (folder) =>
        refuses(
          await withDatabase(folder, `${await createTestDatabase(server.url)}?sslmode=require`, [
            'runs',
            'ls',
          ]),
          /does not offer TLS, which sslmode=require requires/,
        ),
    },
  ];
}

/** Whether PgBouncer is available. As root, tries to install it first. */
async function hasPooler(): Promise<boolean> {
  const version = (): Promise<boolean> =>
    run(['pgbouncer', '--version']).then(
      ({ code }) => code === 0,
      () => false,
    );
  if (await version()) return true;
  if (process.getuid?.() !== 0) return false;
  await run(['apt-get', 'install', '-y', 'pgbouncer'], { env: { DEBIAN_FRONTEND: 'noninteractive' } }).catch(
    () => undefined,
  );
  return version();
}
