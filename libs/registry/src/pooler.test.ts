import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { expect, it } from 'vitest';
import type { Digest, RunId } from '@overture/core';
import { openRegistry } from './open-registry.ts';
import { emptyDatabase } from './testing/index.ts';
import { startTestPooler } from './testing/test-pooler.ts';

const installed = spawnSync('pgbouncer', ['--version']).status === 0;
const run = 'w/r' as RunId;
const keyOf = (i: number): Digest => `sha256:${String(i).padStart(64, '0')}` as Digest;

// `npm run environments` installs PgBouncer if it is missing, and runs the same test with the whole product.
it.skipIf(!installed).each(['overture', 'order'])(
  'works behind PgBouncer in transaction mode with the schema %s, and leaves nothing in the sessions that it shares',
  async (schema) => {
    const direct = await emptyDatabase();
    const owner = new pg.Client({ connectionString: direct });
    await owner.connect();
    // The test server has synchronous_commit off. Turned on, it shows whether a claim's own setting ends with
    // its transaction.
    await owner.query(`alter database ${new URL(direct).pathname.slice(1)} set synchronous_commit = on`);
    await owner.end();
    await using pooler = await startTestPooler(direct, { sessions: 3 });
    const registries = await Promise.all(
      Array.from({ length: 6 }, () => openRegistry({ databaseUrl: pooler.url, schema })),
    );
    await registries[0]!.startRun({ run, workflowId: 'w', pipeline: 'p', input: {} });
    await Promise.all(
      registries.flatMap((registry, r) =>
        Array.from({ length: 40 }, async (_, i) => {
          const cacheKey = keyOf(r * 100 + i);
          const claim = await registry.claimStage({
            run,
            node: `n${r}-${i}`,
            stage: 's',
            cacheKey,
            activityId: '1',
            attempt: 1,
            reuse: true,
            leaseMs: 60_000,
          });
          if (claim.kind !== 'leased') throw new Error(claim.kind);
          const lease = { cacheKey, token: claim.token };
          await registry.renewLease({ ...lease, leaseMs: 60_000 });
          await registry.recordStageExecution({
            run,
            node: `n${r}-${i}`,
            stage: 's',
            version: 1,
            cacheKey,
            lease,
            input: {},
            durationMs: 1,
            outcome: { state: 'ran', outputs: {} },
          });
          expect(await registry.findReusable(cacheKey)).toMatchObject({ node: `n${r}-${i}` });
        }),
      ),
    );
    expect((await registries[0]!.getRun(run)).stages).toHaveLength(240);
    await Promise.all(registries.map((registry) => registry.close()));

    const other = new pg.Client({ connectionString: pooler.url });
    await other.connect();
    for (let i = 0; i < 10; i++) {
      const { rows } =
        await other.query(`select current_setting('enable_seqscan') as seqscan, current_setting('plan_cache_mode') as plans, current_setting('synchronous_commit') as commits, current_setting('lock_timeout') as locks,
      (select count(*)::int from pg_prepared_statements where name <> '') as prepared, (select count(*)::int from pg_locks where locktype = 'advisory') as advisory`);
      expect(rows).toEqual([
        { seqscan: 'on', plans: 'auto', commits: 'on', locks: '0', prepared: 0, advisory: 0 },
      ]);
    }
    await other.end();
  },
);
