import { artifactPlace, openArtifacts } from '@overture/artifacts';
import { taskQueues } from '@overture/contracts';
import type { RunState } from '@overture/protocol';
import { evaluateScores } from '@overture/metrics';
import { openRegistry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { crossValidate } from '@overture/workflows';
import { stateQuery } from '@overture/durable';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { helpDesk } from './testing/help-desk.ts';
import type {} from '@overture/durable/testing/provided-context';
import { startWorker } from './testing/worker-process.ts';

let folder: string;
let connection: Connection;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-folds-'));
  await writeFile(join(folder, 'help-desk.jsonl'), helpDesk(48));
  connection = await Connection.connect({ address: inject('temporalAddress') });
});

afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true, force: true });
});

const input = {
  base: 'tiny',
  folds: 2,
  innerFolds: 4,
  seeds: [0, 3],
  atMost: 1,
  corpus: { uri: '' },
  onStageFailure: 'fail',
  training: { epochs: 2, learningRate: 1e-3, batchSize: 8, maxLength: 48 },
  evaluation: { bootstrapSamples: 200 },
};

describe('crossValidate on a real server, a real Postgres and a worker of its own', () => {
  it('loses no finished fold when the worker is killed half-way, and reports on the concatenated predictions', async () => {
    const databaseUrl = await emptyDatabase();
    const home = join(folder, 'home');
    const env = {
      OVERTURE_HOME: home,
      OVERTURE_CACHE: join(folder, 'cache'),
      OVERTURE_THREADS: '1',
      OVERTURE_CHECKPOINT_STEPS: '3',
      TEMPORAL_ADDRESS: inject('temporalAddress'),
      DATABASE_URL: databaseUrl,
      HF_HUB_OFFLINE: '1',
    };
    const first = await startWorker(env);
    const handle: WorkflowHandle<typeof crossValidate> = await new Client({ connection }).workflow.start(
      crossValidate,
      {
        taskQueue: taskQueues.light,
        workflowId: randomUUID(),
        args: [{ ...input, corpus: { uri: join(folder, 'help-desk.jsonl') } }],
      },
    );
    const doneFolds = async (): Promise<number> => {
      const state: RunState | undefined = await handle.query(stateQuery).catch(() => undefined);
      return (
        state?.stages.filter(({ id, status }) => id.startsWith('fold[') && status === 'done').length ?? 0
      );
    };
    await expect.poll(doneFolds, { interval: 100 }).toBeGreaterThanOrEqual(2);
    await first.kill();
    const second = await startWorker(env);
    const result = await handle.result();
    expect(await second.stop()).toBe(0);

    await using registry = await openRegistry({ databaseUrl });
    const runs = await registry.listRuns({ workflow: 'crossValidateFold' });
    expect(runs.map(({ state }) => state)).toEqual(Array(4).fill('completed'));
    const trainings = (await Promise.all(runs.map(({ id }) => registry.getRun(id)))).map(
      ({ stages }) => stages.filter(({ node, state }) => node === 'fineTune' && state === 'ran').length,
    );
    expect(trainings).toEqual([1, 1, 1, 1]);

    const { report, artifacts } = result;
    const store = await openArtifacts(artifactPlace(env, { home, cacheDir: env.OVERTURE_CACHE }));
    const lines = new TextDecoder()
      .decode(await store.readBytes(artifacts.predictions))
      .trim()
      .split('\n')
      .map(
        (line) =>
          JSON.parse(line) as {
            label: number;
            probability: number;
            conversation: string;
            seed: number;
            id: string;
          },
      );
    expect(lines).toHaveLength(2 * 2 * 48);
    const pooled = evaluateScores(
      {
        labels: lines.map(({ label }) => label),
        probabilities: lines.map(({ probability }) => probability),
        groups: lines.map(({ conversation }) => conversation),
      },
      { bootstrap: { samples: 200, seed: 0 } },
    );
    expect(report).toMatchObject(JSON.parse(JSON.stringify(pooled)));
    expect(report.crossValidation.tests.map(({ name }) => name)).toEqual([
      'alwaysNo',
      'firstTurnRule',
      'tfidfUnweighted',
      'tfidfBalanced',
    ]);
    expect(report.crossValidation.folds).toHaveLength(4);
    // The words of the openings reveal the labels, so models trained on the right conversations, and only on
    // those, predict most of them.
    expect(report.auc).toBeGreaterThan(0.7);
    const [run] = await registry.listRuns({ workflow: 'crossValidate' });
    expect(
      (await registry.getRun(run!.id)).metrics
        .filter(({ scope }) => scope.startsWith('seed'))
        .map(({ scope, name }) => `${scope} ${name}`)
        .sort(),
    ).toEqual(['seed 0 auc', 'seed 0 macroF1', 'seed 3 auc', 'seed 3 macroF1']);
  });
});
