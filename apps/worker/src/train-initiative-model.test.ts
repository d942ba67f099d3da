import { openArtifacts } from '@overture/artifacts';
import { taskQueues, trainingStageProgress } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import type { Digest } from '@overture/core';
import { openRegistry, type RecordedStage } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { trainInitiativeModel } from '@overture/workflows';
import { stateQuery } from '@overture/durable';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type {} from '@overture/durable/testing/provided-context';
import { helpDesk } from './testing/help-desk.ts';
import { startWorker, type WorkerProcess } from './testing/worker-process.ts';

type Handle = WorkflowHandle<typeof trainInitiativeModel>;

let folder: string;
let corpus: string;
let longCorpus: string;
let connection: Connection;
let client: Client;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-worker-'));
  corpus = join(folder, 'help-desk.jsonl');
  longCorpus = join(folder, 'long.jsonl');
  await writeFile(corpus, helpDesk(64));
  await writeFile(longCorpus, helpDesk(400));
  connection = await Connection.connect({ address: inject('temporalAddress') });
  client = new Client({ connection });
});

// A worker left behind would take the tasks of the next test.
afterEach(
  async () =>
    void (await Promise.all(workers.splice(0).map((worker) => worker.kill().catch(() => undefined)))),
);

afterAll(async () => {
  await connection.close();
  await rm(folder, { recursive: true, force: true });
});

/** A separate home and database, and a function that starts a worker on them. */
async function world(
  name: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ home: string; databaseUrl: string; worker(): Promise<WorkerProcess> }> {
  const home = join(folder, name);
  const databaseUrl = await emptyDatabase();
  const env = {
    OVERTURE_HOME: home,
    OVERTURE_CACHE: join(folder, 'cache'),
    OVERTURE_THREADS: '1',
    OVERTURE_CHECKPOINT_STEPS: '3',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    DATABASE_URL: databaseUrl,
    HF_HUB_OFFLINE: '1',
    ...more,
  };
  return {
    home,
    databaseUrl,
    async worker() {
      const worker = await startWorker(env);
      workers.push(worker);
      return worker;
    },
  };
}

const input = (changes: object = {}) => ({
  name: 'desk',
  base: 'tiny',
  corpus: { uri: corpus },
  training: { epochs: 2, learningRate: 1e-3, batchSize: 8, maxLength: 64 },
  evaluation: { bootstrapSamples: 200 },
  onStageFailure: 'fail',
  ...changes,
});

/** A training too long for any machine to finish before the test ends it. */
const endless = (): object =>
  input({
    corpus: { uri: longCorpus },
    training: { epochs: 100, learningRate: 1e-3, batchSize: 1, maxLength: 64 },
  });

function start(value?: unknown): Promise<Handle> {
  return client.workflow.start(trainInitiativeModel, {
    taskQueue: taskQueues.light,
    workflowId: randomUUID(),
    args: value === undefined ? [] : [value],
  });
}

async function failureOf(handle: Handle): Promise<ApplicationFailure> {
  const thrown = await handle.result().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(WorkflowFailedError);
  return (thrown as WorkflowFailedError).cause as ApplicationFailure;
}

describe('trainInitiativeModel on a real server, a real Postgres and a worker of its own', () => {
  it('trains, evaluates and registers; the second run reuses every stage; wrong input fails with a sentence', async () => {
    const { databaseUrl, worker } = await world('first');
    const process = await worker();
    const first = await (await start(input())).result();
    expect(first.model).toMatchObject({ name: 'desk', version: 1, digest: first.artifacts.bundle.digest });
    expect(first.corpus).toMatchObject({
      name: 'help-desk.jsonl',
      format: 'jsonl',
      chosenBy: 'input',
      splitBy: 'given',
    });
    expect(first.report).toMatchObject({
      split: 'valid',
      n: 32,
      protocol: 'cikm23',
      tagSet: 'cikm23-5',
      alsoUsedFor: ['checkpoint', 'threshold', 'temperature'],
    });
    expect(first.report.floors.map(({ name }) => name)).toEqual([
      'alwaysNo',
      'firstTurnRule',
      'tfidfUnweighted',
      'tfidfBalanced',
    ]);
    expect(first.report.threshold).toMatchObject({ tunedOn: 'valid', n: 32 });

    const second = await (await start(input())).result();
    expect({ ...second, runId: '', workflowId: '' }).toEqual({ ...first, runId: '', workflowId: '' });

    const registry = await openRegistry({ databaseUrl });
    const [runOne, runTwo] = [await registry.getRun(first.runId), await registry.getRun(second.runId)];
    expect(runOne.state).toBe('completed');
    expect(runOne.stages.map(({ state }) => state)).toEqual(Array(7).fill('ran'));
    expect(runTwo.stages.map(({ state }) => state)).toEqual(Array(7).fill('reused'));
    expect(runOne.metrics.find(({ scope, name }) => scope === 'valid' && name === 'macroF1')?.value).toBe(
      first.report.macroF1,
    );
    expect((await registry.getModel('desk')).bundle).toEqual(first.artifacts.bundle);

    const renamed = await (await start(input({ name: 'other' }))).result();
    expect(renamed.model).toEqual({ ...first.model, name: 'other' });

    await writeFile(join(folder, 'empty.jsonl'), '');
    await writeFile(
      join(folder, 'one-class.jsonl'),
      helpDesk(8).replaceAll('"initiative":true', '"initiative":false'),
    );
    const wrong = [
      [
        { training: { learningRate: -1 } },
        'InvalidInput',
        'training.learningRate must be above 0. Got -1 instead.',
      ],
      [{ trainning: {} }, 'InvalidInput', 'trainning is not a known key.'],
      [input({ corpus: { uri: join(folder, 'nowhere') } }), /^CORPUS_/, join(folder, 'nowhere')],
      [input({ corpus: { uri: join(folder, 'empty.jsonl') } }), 'CORPUS_EMPTY', 'empty.jsonl'],
      [input({ corpus: { uri: join(folder, 'one-class.jsonl') } }), 'CORPUS_ONE_CLASS', 'one-class.jsonl'],
      [input({ base: 'no-such-model' }), 'BASE_MODEL_UNKNOWN', '"no-such-model"'],
    ] as const;
    for (const [value, type, words] of wrong) {
      const failure = await failureOf(await start(value));
      expect(failure.type).toMatch(type);
      expect(failure.message).toContain(words);
    }
    const [failed] = await registry.listRuns({ limit: 1 });
    expect(failed).toMatchObject({ state: 'failed' });
    expect(JSON.stringify(failed?.error)).toContain('no-such-model');
    await registry.close();
    expect(await process.stop()).toBe(0);
  });

  it('survives the end of everything in the middle of a training, with the model of an undisturbed run', async () => {
    // Hundreds of checkpoints, so that both kills come long before the last one on any machine.
    const training = { epochs: 12, learningRate: 1e-3, batchSize: 4, maxLength: 64 };
    const calm = await world('calm');
    const calmWorker = await calm.worker();
    const undisturbed = await (await start(input({ training }))).result();
    expect(await calmWorker.stop()).toBe(0);

    const { home, worker, databaseUrl } = await world('disturbed');
    const first = await worker();
    const handle = await start(input({ training }));
    await trainingUnderWay(home, first);
    process.kill(first.descendants().at(-1) as number, 'SIGKILL');
    await trainingUnderWay(home, first);
    await first.kill();
    const second = await worker();
    const result = await handle.result();
    expect(result.model.digest).toBe(undisturbed.model.digest);
    expect(result.report).toEqual(undisturbed.report);

    const registry = await openRegistry({ databaseUrl });
    const { stages } = await registry.getRun(result.runId);
    expect(stages.filter(({ node, state }) => node === 'fineTune' && state === 'ran')).toHaveLength(1);
    expect(stages.find(({ node, state }) => node === 'fineTune' && state === 'failed')?.error).toMatchObject({
      code: 'RUNTIME_CHILD_DIED',
    });
    await registry.close();
    expect(await readdir(join(home, 'checkpoints'))).toEqual([]);
    expect(await second.stop()).toBe(0);
  });

  it('asked to stop in the middle of a training, leaves a checkpoint of the last finished step; the next worker goes on from there', async () => {
    // Checkpoints are written only at the ends of epochs.
    const { home, worker, databaseUrl } = await world('stopped', {
      OVERTURE_CHECKPOINT_STEPS: '100000',
      OVERTURE_SHUTDOWN_SECONDS: '0',
    });
    const first = await worker();
    const handle = await start(endless());
    await expect.poll(() => trainingStep(handle), { interval: 20 }).toBeGreaterThan(0);
    const seen = await trainingStep(handle);
    expect(await first.stop()).toBe(0);
    const left = await checkpointStep(home);
    expect(left).toBeGreaterThanOrEqual(seen);

    await worker();
    await expect.poll(() => trainingStep(handle), { interval: 20 }).toBeGreaterThan(left);
    await handle.executeUpdate('controlTraining', {
      args: [{ stage: 'fineTune', action: 'stopAfterEpoch', by: 'Ada' }],
    });
    const result = await handle.result();
    await using registry = await openRegistry({ databaseUrl });
    const { stages } = await registry.getRun(result.runId);
    const log = stages
      .find(({ node, state }) => node === 'fineTune' && state === 'ran')
      ?.artifacts.find(({ name }) => name === 'log')?.ref;
    const artifacts = await openArtifacts({ kind: 'folder', root: join(home, 'artifacts') });
    const { steps, stepLog } = JSON.parse(
      new TextDecoder().decode(await artifacts.readBytes(log as ArtifactRef)),
    ) as { steps: number; stepLog: { step: number }[] };
    expect(stepLog[0]?.step).toBe(left + 1);
    expect(stepLog.at(-1)?.step).toBe(steps);
  });

  it('heeds what is asked of a training, and again after its worker was killed; nobody else is given what came of it', async () => {
    const asked = endless();
    const { home, worker, databaseUrl } = await world('controlled');
    await using registry = await openRegistry({ databaseUrl });
    const first = await worker();
    const handle = await start(asked);
    await trainingUnderWay(home, first);
    const ask = (action: unknown) =>
      handle.executeUpdate('controlTraining', { args: [{ stage: 'fineTune', action, by: 'Ada' }] });
    await ask({ learningRate: 0.5 });
    await ask('evaluateNow');
    const { run } = await handle.query(stateQuery);
    const applied = async () =>
      (await registry.controlsOf(run, 'fineTune')).map((control) => control.applied);
    await expect
      .poll(applied, { interval: 50 })
      .toEqual([
        expect.objectContaining({ changesResult: true }),
        expect.objectContaining({ changesResult: false }),
      ]);
    const before = await applied();
    await first.kill();

    await worker();
    await trainingUnderWay(home, workers.at(-1) as WorkerProcess);
    await ask('stopAfterEpoch');
    await handle.result();
    expect((await applied()).slice(0, 2)).toEqual(before);
    const { stages, metrics, controls } = await registry.getRun(run);
    expect(controls.map(({ action, by }) => [action, by])).toEqual([
      [{ learningRate: 0.5 }, 'Ada'],
      ['evaluateNow', 'Ada'],
      ['stopAfterEpoch', 'Ada'],
    ]);
    const trained = stages.find(({ node, state }) => node === 'fineTune' && state === 'ran') as RecordedStage;
    expect(trained.controls).toEqual([
      { action: { learningRate: 0.5 }, step: before[0]?.step },
      { action: 'stopAfterEpoch', step: controls[2]?.applied?.step },
    ]);
    expect((trained.outputs as { summary: { steps: number } }).summary.steps).toBeGreaterThan(
      controls[2]?.applied?.step as number,
    );
    expect(
      metrics.filter(({ scope, name }) => scope === 'training:steps' && name === 'macroF1'),
    ).toMatchObject([{ step: before[1]?.step }]);

    expect(await registry.findReusable(controls[0]?.applied?.cacheKey as Digest)).toBeUndefined();
    const other = await start(asked);
    await trainingUnderWay(home, workers.at(-1) as WorkerProcess);
    await other.cancel();
    await expect(other.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  });

  it('ends by itself when its parent is gone, and stops a training that is canceled', async () => {
    const sent = new Set<string>();
    await using collector = await openCollector((path) => void sent.add(path));
    const { home, worker } = await world('third', {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
    });
    const process = await worker();
    const handle = await start(endless());
    await trainingUnderWay(home, process);
    await handle.cancel();
    await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(await readdir(join(home, 'checkpoints'))).toEqual([]);
    expect(process.descendants()).toEqual([]);
    await expect.poll(() => [...sent]).toEqual(['/v1/metrics']);
    expect(await process.orphan()).toBe(0);
  });
});

/** An OpenTelemetry collector that accepts everything. */
async function openCollector(
  onRequest: (path: string) => void,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    onRequest(request.url ?? '');
    request.resume().on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

/** The last training step that the running activity reported. */
async function trainingStep(handle: Handle): Promise<number> {
  const { raw } = await handle.describe();
  const steps = (raw.pendingActivities ?? []).map(({ heartbeatDetails }) => {
    const payload = heartbeatDetails?.payloads?.[0];
    const progress = payload
      ? trainingStageProgress.safeParse(defaultPayloadConverter.fromPayload(payload))
      : undefined;
    return progress?.success ? (progress.data.training?.step ?? 0) : 0;
  });
  return Math.max(0, ...steps);
}

async function checkpointsIn(home: string): Promise<string[]> {
  return (await readdir(join(home, 'checkpoints'), { recursive: true }).catch(() => [])).filter((name) =>
    name.includes('manifest'),
  );
}

/** The step of the newest checkpoint of the only training. */
async function checkpointStep(home: string): Promise<number> {
  const states = await Promise.all(
    (await checkpointsIn(home)).map(
      async (name) =>
        JSON.parse(await readFile(join(home, 'checkpoints', name), 'utf8')) as { state: { step: number } },
    ),
  );
  return Math.max(0, ...states.map(({ state }) => state.step));
}

/** Waits until a running trainer has written a checkpoint after this call. */
async function trainingUnderWay(home: string, worker: WorkerProcess): Promise<void> {
  const manifests = async (): Promise<string> => (await checkpointsIn(home)).join();
  const before = await manifests();
  while ((await manifests()) === before || worker.descendants().length === 0) {
    if (!worker.alive()) throw new Error(`The worker ended before the training:\n${worker.log()}`);
    await sleep(10);
  }
}
