import pg from 'pg';
import { expect, it } from 'vitest';
import { openRegistry } from './open-registry.ts';
import { emptyDatabase } from './testing/index.ts';

it('looks up reusable executions in an index', async () => {
  const databaseUrl = await emptyDatabase();
  await (await openRegistry({ databaseUrl })).close();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('set enable_seqscan = off');
  const { rows } = await client.query(
    `explain select * from overture.stage_executions where cache_key = 'k' and state = 'ran' order by sequence desc limit 1`,
  );
  expect(JSON.stringify(rows)).toContain('Index Scan Backward using stage_executions_reusable');
  await client.end();
});
