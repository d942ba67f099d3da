import { taskQueues, type RunState, type StageOutcome, type StageRequest } from '@overture/contracts';
import { CancelledFailure, Context } from '@temporalio/activity';
import { Client, Connection, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stateQuery, trainInitiativeModel, workflowsUrl } from './index.ts';
import type {} from './testing/provided-context.ts';
import { fakeOutcome, fakeStages, type Calls } from './testing/fake-stages.ts';

let native: NativeConnection;
let connection: Connection;
let bundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  native = await NativeConnection.connect({ address });
  connection = await Connection.connect({ address });
  bundle = await bundleWorkflowCode({ workflowsPath: fileURLToPath(workflowsUrl), logger: new DefaultLogger('ERROR') });
});

afterAll(async () => {
  await native.close();
  await connection.close();
});

interface Run {
  readonly handle: WorkflowHandle<typeof trainInitiativeModel>;
  readonly calls: Calls;
  details(): Promise<string>;
}

/** Runs the workflow against fake stages while `use` looks at it. */
async function withRun(input: unknown, stages: Parameters<typeof fakeStages>[0], use: (run: Run) => Promise<void>): Promise<void> {
  const { calls, activities } = fakeStages(stages);
  const workers = await Promise.all(
    Object.values(taskQueues).map((taskQueue) =>
      Worker.create({ connection: native, taskQueue, activities, workflowBundle: bundle, maxHeartbeatThrottleInterval: '100ms', defaultHeartbeatThrottleInterval: '100ms' }),
    ),
  );
  const client = new Client({ connection });
  const running = workers.map((worker) => worker.run());
  try {
    const handle = await client.workflow.start(trainInitiativeModel, { taskQueue: taskQueues.light, workflowId: randomUUID(), args: input === undefined ? [] : [input] });
    const details = async (): Promise<string> => {
      const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
      return metadata.currentDetails ?? '';
    };
    await use({ handle, calls, details });
    await keepHistory(handle);
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

/** `RECORD_HISTORIES=folder` writes the history of every test's run there; see the README. */
async function keepHistory(handle: WorkflowHandle): Promise<void> {
  const folder = process.env['RECORD_HISTORIES'];
  if (folder === undefined) return;
  const name = (expect.getState().currentTestName ?? '').replaceAll(/\W+/g, '-').toLowerCase();
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const history = historyToJSON(await handle.fetchHistory()).replaceAll(root, '/').replaceAll(hostname(), 'host');
  writeFileSync(join(folder, `${name}.json`), `${history}\n`);
}

const failing = (message: string, type: string) => async (): Promise<StageOutcome> => {
  throw ApplicationFailure.nonRetryable(message, type, { file: '/data/train.tsv' });
};

describe('runPlan', () => {
  it('runs every stage once, after what it needs, from an empty input', async () => {
    await withRun(undefined, {}, async ({ handle, calls, details }) => {
      const result = await handle.result();
      expect(result).toMatchObject({ workflowId: handle.workflowId, model: { name: 'initiative', version: 1 }, report: { macroF1: 0.5 }, artifacts: { bundle: { kind: 'bundle' } } });
      expect(result.runId).toBe(`${handle.workflowId}/${(await handle.describe()).runId}`);
      const order = calls.stages.map(({ node }) => node);
      expect([...order].sort()).toEqual(['computeFloors', 'evaluate', 'fetchBase', 'fineTune', 'ingest', 'register', 'tokenize']);
      expect(order.indexOf('tokenize')).toBeGreaterThan(order.indexOf('fetchBase'));
      expect(order.slice(-3)).toEqual(['fineTune', 'evaluate', 'register'].slice(-3));
      expect(calls.stages.find(({ node }) => node === 'tokenize')?.input).toMatchObject({ corpus: { kind: 'corpus' }, tokenizer: { kind: 'tokenizer' }, maxLength: 256, protocol: 'cikm23' });
      expect(calls.begun).toMatchObject([{ run: result.runId, pipeline: 'trainInitiativeModel', input: {} }]);
      expect(calls.ended).toMatchObject([{ run: result.runId, outcome: 'completed' }]);
      expect(await details()).toContain('| ingest | ✓ done | 1.5 s | yes |');
      const state: RunState = await handle.query(stateQuery);
      expect(state.status).toBe('completed');
      expect(state.stages.every(({ status }) => status === 'done')).toBe(true);
    });
  });

  it('keeps the history small', async () => {
    await withRun({}, {}, async ({ handle }) => {
      await handle.result();
      const { events = [] } = await handle.fetchHistory();
      const tasks = events?.filter((event) => event.workflowTaskCompletedEventAttributes).length;
      // Nine activities are 27 events; a workflow task is three more.
      expect(events?.length).toBeLessThan(27 + 3 * 12);
      expect(tasks).toBeLessThanOrEqual(11);
      const scheduled = events?.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'fineTune');
      expect(scheduled?.activityTaskScheduledEventAttributes?.taskQueue?.name).toBe('overture-train');
      expect(Buffer.from(scheduled?.userMetadata?.summary?.data ?? []).toString()).toBe('"Fine-tune the model with its classification head"');
    });
  });

  it.each([
    [{ training: { learningRate: -1 } }, 'training.learningRate must be above 0. Got -1 instead.'],
    [{ trainning: {} }, 'trainning is not a known key. Known here: name, corpus, base, training, evaluation, reuse.'],
    ['text', 'It must be an object. Got "text" instead.'],
  ])('fails on the input %j with a sentence, at once', async (input, sentence) => {
    await withRun(input, {}, async ({ handle, calls }) => {
      const failure = await failureOf(handle);
      expect(failure.message).toContain(sentence);
      expect(failure.type).toBe('InvalidInput');
      expect(calls.stages).toEqual([]);
    });
  });

  it('fails with the message of the stage that failed, after what ran already has finished', async () => {
    let floorsFinished = false;
    const stages = {
      tokenize: failing('train.tsv line 7: the tag must be one of OQ, RQ. Got "XX" instead.', 'CORPUS_TAG_UNKNOWN'),
      computeFloors: async (request: StageRequest) => {
        await new Promise((resolve) => setTimeout(resolve, 700));
        floorsFinished = true;
        return fakeOutcome(request);
      },
    };
    await withRun({}, stages, async ({ handle, calls, details }) => {
      const failure = await failureOf(handle);
      expect(failure.message).toBe('tokenize: train.tsv line 7: the tag must be one of OQ, RQ. Got "XX" instead.');
      expect(failure.type).toBe('CORPUS_TAG_UNKNOWN');
      expect(failure.details).toEqual([{ file: '/data/train.tsv' }]);
      expect(floorsFinished).toBe(true);
      expect(calls.stages.map(({ node }) => node)).not.toContain('fineTune');
      expect(calls.ended).toMatchObject([{ outcome: 'failed', error: failure.message }]);
      const text = await details();
      expect(text).toContain('| tokenize | ✗ failed |');
      expect(text).toContain('| fineTune | – not reached |');
      expect(text).toContain('**tokenize**: train.tsv line 7');
    });
  });

  it('tries again what trying again can help', async () => {
    let attempts = 0;
    const stages = {
      fetchBase: async (request: StageRequest) => {
        attempts++;
        if (attempts === 1) throw ApplicationFailure.retryable('The mirror did not answer.', 'DOWNLOAD_FAILED');
        return fakeOutcome(request);
      },
    };
    await withRun({}, stages, async ({ handle, calls }) => {
      await handle.result();
      expect(attempts).toBe(2);
      expect(calls.ended).toMatchObject([{ outcome: 'completed' }]);
    });
  });

  it('stops cleanly when it is cancelled: the stage hears of it, and the run is closed', async () => {
    let heard = false;
    let begun: () => void = () => undefined;
    const training = new Promise<void>((resolve) => (begun = resolve));
    const stages = {
      fineTune: async (): Promise<StageOutcome> => {
        const { heartbeat, cancelled } = Context.current();
        begun();
        const timer = setInterval(() => heartbeat({ stage: 'fineTune' }), 50);
        try {
          return await cancelled;
        } catch (thrown) {
          heard = thrown instanceof CancelledFailure;
          throw thrown;
        } finally {
          clearInterval(timer);
        }
      },
    };
    await withRun({}, stages, async ({ handle, calls, details }) => {
      await training;
      await handle.cancel();
      const thrown = await handle.result().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(WorkflowFailedError);
      expect((thrown as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(heard).toBe(true);
      expect(calls.ended).toMatchObject([{ outcome: 'cancelled' }]);
      expect(await details()).toContain('| fineTune | ■ cancelled |');
    });
  });

  it('describes its query', async () => {
    await withRun({}, {}, async ({ handle }) => {
      await handle.result();
      const metadata = await handle.query<{ definition: { queryDefinitions: { name: string; description: string }[] } }>('__temporal_workflow_metadata');
      expect(metadata.definition.queryDefinitions.find(({ name }) => name === 'state')?.description).toContain('The state of every stage');
    });
  });
});

async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const thrown = await handle.result().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(WorkflowFailedError);
  const { cause } = thrown as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}
