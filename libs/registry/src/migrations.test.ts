import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDrizzleJson, generateMigration } from 'drizzle-kit/api';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { migrateRegistry, migrationsFolder } from './migrations.ts';
import { openRegistry } from './open-registry.ts';
import * as schema from './drizzle-schema.ts';
import { defaultSchema, migrationLockOf } from './registry-schema.ts';
import { emptyDatabase } from './testing/index.ts';

interface Journal {
  entries: { idx: number; when: number; tag: string; breakpoints: boolean; version: string }[];
}

const readJson = async <T>(...path: string[]): Promise<T> =>
  JSON.parse(await readFile(join(...path), 'utf8')) as T;
const readJournal = (folder = migrationsFolder): Promise<Journal> => readJson(folder, 'meta/_journal.json');

// A migration that was applied anywhere must never change again. For a new one, add a row: sha256sum
// migrations/*.sql
const sha256ByTag: Record<string, string> = {
  '0000_registry': '43e4398a27e471e5264a91bd69dc46693c6683638075e4a9151777f1434ab729',
  '0001_metrics-of-executions': '0850471ae036e9c6eb6a8fa2fe60e4431134f88889cd9b6926b066f7c316be20',
  '0002_stage-leases': '9f4e4a8168693142ff19e041118920d2247bde530cc330baba18b120c07d17cf',
  '0003_promotions': 'e49d8073f6ee1f71b2d9061e7f71f88a5a0e0c502634d7a466e3dfc01b034579',
  '0004_stage-controls': 'd8d50cf29ee12b832b060deb9a966f05a850e9e55444aff6818997f517e40756',
  '0005_functions': 'ee00e6fd11db76fccfd2df267e17d4b736dae5f79b208c71873c8109982b3055',
  '0006_run-executions': '986cc1004eeb73c4bcff4a6ea40177b7e180b04d55be53e191aa895a736522c5',
};

describe('the shipped migrations', () => {
  it('are numbered without gaps, each later than the one before', async () => {
    const { entries } = await readJournal();
    expect(entries.map(({ idx }) => idx)).toEqual(entries.map((_, i) => i));
    for (const [i, { when }] of entries.entries()) expect(when).toBeGreaterThan(entries[i - 1]?.when ?? 0);
  });

  it('are unchanged', async () => {
    const { entries } = await readJournal();
    const found = await Promise.all(
      entries.map(async ({ tag }) => [
        tag,
        createHash('sha256')
          .update(await readFile(join(migrationsFolder, `${tag}.sql`)))
          .digest('hex'),
      ]),
    );
    expect(Object.fromEntries(found)).toEqual(sha256ByTag);
  });

  it('lead to the schema of schema.ts', async () => {
    const { entries } = await readJournal();
    const last = String(entries.at(-1)?.idx).padStart(4, '0');
    const snapshot = await readJson<Parameters<typeof generateMigration>[0]>(
      migrationsFolder,
      `meta/${last}_snapshot.json`,
    );
    expect(await generateMigration(snapshot, generateDrizzleJson({ ...schema }, snapshot.id))).toEqual([]);
  });
});

describe('migrateRegistry', () => {
  const connect = async (databaseUrl: string): Promise<pg.Client> => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return client;
  };
  const ledgerOf = async (client: pg.Client): Promise<{ hash: string }[]> =>
    (await client.query('select hash from drizzle.overture')).rows;

  it('lets many open an empty database at once, and migrates it once', async () => {
    const databaseUrl = await emptyDatabase();
    const registries = await Promise.all(Array.from({ length: 6 }, () => openRegistry({ databaseUrl })));
    for (const registry of registries) expect(await registry.listRuns()).toEqual([]);
    await Promise.all(registries.map((registry) => registry.close()));
    const client = await connect(databaseUrl);
    expect(await ledgerOf(client)).toEqual(Object.values(sha256ByTag).map((hash) => ({ hash })));
    await client.end();
  });

  it('waits for whoever is migrating', async () => {
    const databaseUrl = await emptyDatabase();
    const other = await connect(databaseUrl);
    await other.query('begin');
    await other.query('select pg_advisory_xact_lock($1)', [migrationLockOf(defaultSchema)]);
    let open = false;
    const opening = openRegistry({ databaseUrl }).then((registry) => {
      open = true;
      return registry.close();
    });
    const waits = `select count(*)::int as n from pg_locks where locktype = 'advisory' and not granted`;
    await expect.poll(async () => (await other.query<{ n: number }>(waits)).rows[0]?.n).toBe(1);
    expect(open).toBe(false);
    expect((await other.query(`select to_regclass('overture.runs') as found`)).rows).toEqual([
      { found: null },
    ]);
    await other.end(); // ending the connection releases the lock
    await opening;
  });

  it.each([
    {
      what: 'a file was edited after it was applied',
      sql: `update drizzle.overture set hash = 'edited'`,
      message: 'Got 7 applied, of which number 1 is not the shipped one',
    },
    {
      what: 'a newer version has migrated',
      sql: `insert into drizzle.overture (hash, created_at) values ('newer', 9e12)`,
      message: 'Got 8 applied, of which number 8 is not the shipped one',
    },
  ])('refuses to start when $what', async ({ sql, message }) => {
    const databaseUrl = await emptyDatabase();
    await (await openRegistry({ databaseUrl })).close();
    const client = await connect(databaseUrl);
    await client.query(sql);
    await client.end();
    await expect(openRegistry({ databaseUrl })).rejects.toMatchObject({
      code: 'REGISTRY_LEDGER',
      retryable: false,
      message: expect.stringMatching(
        new RegExp(
          `${message}.+Update Overture, or give it a schema of its own \\(OVERTURE_REGISTRY_SCHEMA\\)\\.$`,
        ),
      ),
    });
  });

  it('brings an older database up to date, its rows kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overture-migrations-'));
    await cp(migrationsFolder, folder, { recursive: true });
    const journal = await readJournal(folder);
    await writeFile(
      join(folder, 'meta/_journal.json'),
      JSON.stringify({ ...journal, entries: journal.entries.slice(0, 1) }),
    );
    const databaseUrl = await emptyDatabase();
    const client = await connect(databaseUrl);
    await migrateRegistry(client, { label: 'test', schema: defaultSchema }, { folder });
    await client.query(`insert into overture.models (name) values ('kept')`);
    await client.end();
    const registry = await openRegistry({ databaseUrl });
    expect(await registry.listModels()).toEqual([
      { name: 'kept', createdAt: expect.any(Date), versions: [] },
    ]);
    await registry.close();
    await rm(folder, { recursive: true });
  });

  it('leaves the database as it was when a migration fails', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'overture-migrations-'));
    await cp(migrationsFolder, folder, { recursive: true });
    const journal = await readJournal(folder);
    journal.entries.push({ idx: 3, when: 9e12, tag: '0003_broken', breakpoints: true, version: '7' });
    await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify(journal));
    await writeFile(
      join(folder, '0003_broken.sql'),
      'create table overture.fine (id int);\n--> statement-breakpoint\ncreate nonsense;',
    );
    const databaseUrl = await emptyDatabase();
    const client = await connect(databaseUrl);
    await expect(
      migrateRegistry(client, { label: 'test', schema: defaultSchema }, { folder }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_QUERY',
      message: expect.stringContaining('refused a statement: syntax error at or near "nonsense"'),
    });
    expect((await client.query(`select to_regclass('drizzle.overture') as found`)).rows).toEqual([
      { found: null },
    ]);
    expect((await client.query(`select to_regclass('overture.fine') as found`)).rows).toEqual([
      { found: null },
    ]);
    await client.end();
    // The failure released the lock, so another opener does not wait.
    await (await openRegistry({ databaseUrl })).close();
    await rm(folder, { recursive: true });
  });
});
