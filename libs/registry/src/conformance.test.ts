import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openRegistry } from './open-registry.ts';
import { openSqliteRegistry } from './sqlite/open-sqlite-registry.ts';
import { runRegistryConformance } from './testing/conformance.ts';
import { emptyDatabase } from './testing/index.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-registry-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

runRegistryConformance('Postgres', async () => {
  const databaseUrl = await emptyDatabase();
  return { registry: await openRegistry({ databaseUrl }), connect: () => openRegistry({ databaseUrl }) };
});

runRegistryConformance('an SQLite file', async () => {
  const file = join(folder, `${files++}`, 'registry.sqlite');
  return { registry: await openSqliteRegistry({ file }), connect: () => openSqliteRegistry({ file }) };
});

runRegistryConformance('SQLite in memory', async () => ({
  registry: await openSqliteRegistry({ file: ':memory:' }),
}));
