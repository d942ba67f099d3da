import type {
  LookUpAnswer,
  LookUpRequest,
  RunState,
  RunUpdateAnswer,
  StageOutcome,
  StageRequest,
} from '@overture/protocol';
import { CancelledFailure, Context } from '@temporalio/activity';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { trainInitiativeModel } from './index.ts';
import { abortUpdate, planQuery, retryStageUpdate, skipStageUpdate, stateQuery } from '@overture/durable';
import type {} from '@overture/durable/testing/provided-context';
import { fakeOutcome, untilCanceled, type fakeStages } from './testing/fake-stages.ts';
import {
  openWorkflowRuns,
  recordHistory,
  type Run as RunOf,
  type WorkflowRuns,
} from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

type Run = RunOf<typeof trainInitiativeModel>;

const withRun = (
  input: unknown,
  stages: Parameters<typeof fakeStages>[0],
  use: (run: Run) => Promise<void>,
): Promise<void> => runs.withRun(trainInitiativeModel, { input, stages }, use);
const record = (handle: WorkflowHandle, outcome: string): Promise<void> =>
  recordHistory(handle, `train-initiative-model-${outcome}`);

const failing = (message: string, type: string) => async (): Promise<StageOutcome> => {
  throw ApplicationFailure.nonRetryable(message, type, { file: '/data/train.tsv' });
};

describe('runPlan', () => {
  it('runs every stage once, after what it needs, from an empty input', async () => {
    await withRun(undefined, {}, async ({ handle, calls, details }) => {
      const result = await handle.result();
      expect(result).toMatchObject({
        workflowId: handle.workflowId,
        model: { name: 'initiative', version: 1 },
        report: { macroF1: 0.5 },
        artifacts: { bundle: { kind: 'bundle' } },
      });
      expect(result.runId).toBe(`${handle.workflowId}/${(await handle.describe()).runId}`);
      const order = calls.stages.map(({ node }) => node);
      expect([...order].sort()).toEqual([
        'computeFloors',
        'evaluate',
        'fetchBase',
        'fineTune',
        'ingest',
        'register',
        'tokenize',
      ]);
      expect(order.indexOf('tokenize')).toBeGreaterThan(order.indexOf('fetchBase'));
      // ingest and fetchBase start in parallel; register runs alone
      expect(calls.stages.filter(({ together }) => together === 2).map(({ node }) => node)).toEqual(
        expect.arrayContaining(['ingest', 'fetchBase']),
      );
      expect(calls.stages.find(({ node }) => node === 'register')?.together).toBeUndefined();
      expect(order.slice(-3)).toEqual(['fineTune', 'evaluate', 'register'].slice(-3));
      expect(calls.stages.find(({ node }) => node === 'tokenize')?.input).toMatchObject({
        corpus: { kind: 'corpus' },
        tokenizer: { kind: 'tokenizer' },
        maxLength: 256,
        protocol: 'cikm23',
      });
      expect(calls.begun).toMatchObject([{ run: result.runId, pipeline: 'trainInitiativeModel', input: {} }]);
      expect(calls.ended).toMatchObject([{ run: result.runId, outcome: 'completed' }]);
      expect(await details()).toContain('| ingest | ✓ done | 1 | 1.5 s | yes |');
      const state: RunState = await handle.query(stateQuery);
      expect(state.status).toBe('completed');
      expect(state.stages.every(({ status }) => status === 'done')).toBe(true);
      await record(handle, 'done');
    });
  });

  it('runs only what a look-up does not know', async () => {
    const asked: LookUpRequest[] = [];
    const lookUp = async (request: LookUpRequest): Promise<LookUpAnswer> => {
      asked.push(request);
      const known = ['ingest', 'fetchBase', 'tokenize', 'computeFloors'];
      return {
        known: await Promise.all(
          known.map(async (id) => ({
            id,
            outcome: { ...(await fakeOutcome({ node: id } as StageRequest)), reused: true },
          })),
        ),
        more: false,
      };
    };
    await runs.withRun(trainInitiativeModel, { lookUp }, async ({ handle, calls, state }) => {
      expect(await handle.result()).toMatchObject({
        model: { version: 1 },
        artifacts: { bundle: { kind: 'bundle' } },
      });
      expect(calls.stages.map(({ node }) => node)).toEqual(['fineTune', 'evaluate', 'register']);
      expect(calls.stages[0]?.input).toMatchObject({ tokens: { kind: 'tokens' } });
      expect(asked).toMatchObject([{ asked: ['ingest', 'fetchBase'], events: [], onStageFailure: 'park' }]);
      const { stages } = await state();
      expect(
        stages
          .filter(({ reused }) => reused)
          .map(({ id }) => id)
          .sort(),
      ).toEqual(['computeFloors', 'fetchBase', 'ingest', 'tokenize']);
      await record(handle, 'looked-up');
    });
  });

  it('looks stages up by themselves when they cannot be looked up together', async () => {
    const lookUp = (): Promise<never> => Promise.reject(new Error('The registry is away.'));
    await runs.withRun(trainInitiativeModel, { lookUp }, async ({ handle, calls }) => {
      await handle.result();
      expect(calls.stages.map(({ node }) => node).sort()).toEqual([
        'computeFloors',
        'evaluate',
        'fetchBase',
        'fineTune',
        'ingest',
        'register',
        'tokenize',
      ]);
    });
  });

  it('starts nothing that waited for a look-up when the run is aborted meanwhile', async () => {
    const begun = Promise.withResolvers<void>();
    const lookUp = async (): Promise<LookUpAnswer> => {
      begun.resolve();
      await Context.current().cancelled;
      return { known: [], more: false };
    };
    await runs.withRun(trainInitiativeModel, { lookUp }, async ({ handle, calls, state }) => {
      await begun.promise;
      await handle.executeUpdate(abortUpdate, { args: [{ reason: 'too slow' }] });
      expect((await failureOf(handle)).message).toBe('The run was aborted: too slow');
      expect(calls.stages).toEqual([]);
      expect(Object.fromEntries((await state()).stages.map(({ id, status }) => [id, status]))).toMatchObject({
        ingest: 'cancelled',
        fetchBase: 'cancelled',
        tokenize: 'unreached',
      });
    });
  });

  it('keeps the history small', async () => {
    await withRun({}, {}, async ({ handle }) => {
      await handle.result();
      const { events = [] } = await handle.fetchHistory();
      const tasks = events?.filter((event) => event.workflowTaskCompletedEventAttributes).length;
      // Seven activities are 21 events, opening and closing the run one each, and a workflow task three more.
      expect(events?.length).toBeLessThan(27 + 3 * 11);
      expect(tasks).toBeLessThanOrEqual(9);
      const scheduled = events?.find(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'fineTune',
      );
      expect(scheduled?.activityTaskScheduledEventAttributes?.taskQueue?.name).toBe('overture-train');
      expect(Buffer.from(scheduled?.userMetadata?.summary?.data ?? []).toString()).toBe(
        '"Fine-tune the model with its classification head"',
      );
    });
  });

  it.each([
    [{ training: { learningRate: -1 } }, 'training.learningRate must be above 0. Got -1 instead.'],
    [
      { trainning: {} },
      'trainning is not a known key. Did you mean "training"? Known here: name, corpus, base, training, evaluation, reuse, onStageFailure, parkTimeoutHours, continueAfterEvents.',
    ],
    ['text', 'It must be an object. Got "text" instead.'],
  ])('fails on the input %j with a sentence, at once', async (input, sentence) => {
    await withRun(input, {}, async ({ handle, calls }) => {
      const failure = await failureOf(handle);
      expect(failure.message).toContain(sentence);
      expect(failure.type).toBe('InvalidInput');
      expect(calls.stages).toEqual([]);
      await record(handle, 'invalid-input');
    });
  });

  it('fails with the message of the stage that failed, after what ran already has finished', async () => {
    let baselinesFinished = false;
    const tokenizeFailed = Promise.withResolvers<void>();
    const stages = {
      tokenize: failing(
        'train.tsv line 7: the tag must be one of OQ, RQ. Got "XX" instead.',
        'CORPUS_TAG_UNKNOWN',
      ),
      computeFloors: async (request: StageRequest) => {
        await tokenizeFailed.promise;
        baselinesFinished = true;
        return fakeOutcome(request);
      },
    };
    await withRun({ onStageFailure: 'fail' }, stages, async ({ handle, calls, details }) => {
      await expect
        .poll(async () => (await handle.query(stateQuery)).stages.find(({ id }) => id === 'tokenize')?.status)
        .toBe('failed');
      tokenizeFailed.resolve();
      const failure = await failureOf(handle);
      expect(failure.message).toBe(
        'tokenize: train.tsv line 7: the tag must be one of OQ, RQ. Got "XX" instead.',
      );
      expect(failure.type).toBe('CORPUS_TAG_UNKNOWN');
      expect(failure.details).toEqual([{ file: '/data/train.tsv' }]);
      expect(baselinesFinished).toBe(true);
      expect(calls.stages.map(({ node }) => node)).not.toContain('fineTune');
      expect(calls.ended).toMatchObject([{ outcome: 'failed', error: failure.message }]);
      const text = await details();
      expect(text).toContain('| tokenize | ✗ failed | 1 |');
      expect(text).toContain('| fineTune | – not reached |');
      expect(text).toContain('**tokenize**: train.tsv line 7');
      await record(handle, 'failed');
    });
  });

  it('tries again what trying again can help', async () => {
    let attempts = 0;
    const stages = {
      fetchBase: async (request: StageRequest) => {
        attempts++;
        if (attempts === 1)
          throw ApplicationFailure.retryable('The mirror did not answer.', 'DOWNLOAD_FAILED');
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
    const fineTune = (request: StageRequest): Promise<StageOutcome> =>
      untilCanceled(request).catch((thrown: unknown) => {
        heard = thrown instanceof CancelledFailure;
        throw thrown;
      });
    await withRun({}, { fineTune }, async ({ handle, calls, details }) => {
      await expect.poll(() => calls.stages.some(({ node }) => node === 'fineTune')).toBe(true);
      await handle.cancel();
      const thrown = await handle.result().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(WorkflowFailedError);
      expect((thrown as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(heard).toBe(true);
      expect(calls.ended).toMatchObject([{ outcome: 'cancelled' }]);
      expect(await details()).toContain('| fineTune | ■ canceled | 1 |');
      await record(handle, 'cancelled');
    });
  });

  it('says of itself what can be asked and sent, and shows its plan', async () => {
    await withRun({}, {}, async ({ handle }) => {
      await handle.result();
      const { definition } = await handle.query<{
        definition: Record<'queryDefinitions' | 'updateDefinitions', { name: string; description: string }[]>;
      }>('__temporal_workflow_metadata');
      const descriptions = Object.fromEntries(
        [...definition.queryDefinitions, ...definition.updateDefinitions].map(({ name, description }) => [
          name,
          description,
        ]),
      );
      expect(descriptions['state']).toContain('The state of every stage');
      expect(descriptions['retryStage']).toContain('{"stage": "ingest", "overrides": {"uri": "/data"}}');
      expect(descriptions['skipStage']).toContain('Go on without a parked stage');
      expect(descriptions['controlTraining']).toContain('{"stage":"fineTune","action":"stopAfterEpoch"}');
      expect(descriptions['abort']).toContain('{"reason": "wrong corpus"}');
      expect(await handle.query(planQuery, undefined)).toMatchObject({
        name: 'trainInitiativeModel',
        nodes: [{ id: 'ingest' }, {}, {}, {}, {}, {}, {}],
      });
      expect(await handle.query(planQuery, 'text')).toMatch(
        /tokenize = tokenize@\d+\(corpus: ingest\.corpus/,
      );
      expect(await handle.query(planQuery, 'mermaid')).toContain('flowchart LR');
    });
  });
});

describe('a stage that has failed for good', () => {
  const unreadable = { corpus: { uri: '/nowhere' } };
  /** Reads only files in /data, like the real stage: the first input is wrong, and an override fixes it. */
  const ingest = async (request: StageRequest): Promise<StageOutcome> => {
    const { uri } = request.input as { uri?: string };
    if (uri !== '/data')
      throw ApplicationFailure.nonRetryable(`There is no corpus at ${uri}.`, 'CORPUS_MISSING');
    return fakeOutcome(request);
  };

  it('parks: the details say what to do, an Update changes its input, and nothing runs twice', async () => {
    await withRun(unreadable, { ingest }, async ({ handle, calls, details }) => {
      await parked(handle, 'ingest');
      const text = await details();
      expect(text).toContain('#### ingest has failed and waits for you');
      expect(text).toContain('> There is no corpus at /nowhere. (CORPUS_MISSING)');
      expect(text).toContain('```json\n{"stage": "ingest", "overrides": {"uri": "/nowhere"}}\n```');
      expect(text).toContain('Its keys: `uri`, `format`,');
      expect(text).toMatch(/If nobody decides, the run fails at \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
      expect(text).not.toContain('skipStage');
      // Other branches continued in the meantime.
      expect(text).toContain('| fetchBase | ✓ done | 1 |');
      expect(await searchable(handle)).toMatchObject({
        OvertureStatus: ['parked'],
        OvertureFailedStage: ['ingest'],
        OvertureModel: ['initiative'],
      });

      const answer = await handle.executeUpdate(retryStageUpdate, {
        args: [{ stage: 'ingest', overrides: { uri: '/data' } }],
      });
      expect(answer).toEqual({ message: 'ingest runs again, its input changed.' });
      await handle.result();
      expect(calls.stages.map(({ node }) => node).sort()).toEqual([
        'computeFloors',
        'evaluate',
        'fetchBase',
        'fineTune',
        'ingest',
        'ingest',
        'register',
        'tokenize',
      ]);
      expect(calls.stages.filter(({ node }) => node === 'ingest').map(({ input }) => input)).toMatchObject([
        { uri: '/nowhere', format: 'auto' },
        { uri: '/data', format: 'auto' },
      ]);
      expect(calls.ended).toMatchObject([{ outcome: 'completed' }]);
      expect((await handle.query(stateQuery)).stages[0]).toMatchObject({
        id: 'ingest',
        status: 'done',
        attempt: 2,
        overrides: { uri: '/data' },
      });
      expect(await searchable(handle)).toMatchObject({
        OvertureStatus: ['completed'],
        OvertureCorpus: ['fake'],
        OvertureMacroF1: [0.5],
      });
      expect((await searchable(handle))['OvertureFailedStage']).toBeUndefined();
      const summaries = await summariesOf(handle);
      expect(summaries).toContain('ingest is parked: how long a decision may take');
      expect(summaries).toContain('Attempt 2: Read the dialogues, check them, divide them into splits');
      await record(handle, 'retried');
    });
  });

  it('shows a key that was left out as the one to change', async () => {
    await withRun(undefined, { ingest }, async ({ handle, details }) => {
      await parked(handle, 'ingest');
      expect(await details()).toContain('{"stage": "ingest", "overrides": {"uri": "…"}}');
      await handle.executeUpdate(retryStageUpdate, {
        args: [{ stage: 'ingest', overrides: { uri: '/data' } }],
      });
      await handle.result();
    });
  });

  it('refuses what makes no sense with a sentence that leaves no event', async () => {
    await withRun(unreadable, { ingest }, async ({ handle }) => {
      await parked(handle, 'ingest');
      const events = (await handle.fetchHistory()).events?.length;
      const wrong: readonly (readonly [string, unknown, string])[] = [
        [
          'retryStage',
          'ingest',
          'The argument of retryStage is wrong. It must be an object. Got "ingest" instead.',
        ],
        ['retryStage', 7, 'It must be an object. Got 7 instead.'],
        ['retryStage', undefined, 'stage is missing: it must be text.'],
        [
          'retryStage',
          { stage: 'ingest', override: {} },
          'override is not a known key. Did you mean "overrides"? Known here: stage, overrides.',
        ],
        [
          'retryStage',
          { stage: 'ingest', overrides: '/data' },
          'overrides must be an object. Got "/data" instead.',
        ],
        [
          'retryStage',
          { stage: 'ingets' },
          'There is no stage "ingets" in this run. It has ingest, fetchBase, tokenize, computeFloors, fineTune, evaluate, register.',
        ],
        [
          'retryStage',
          { stage: 'fineTune' },
          'fineTune is waiting; only a parked stage can be retried. Parked now: ingest.',
        ],
        [
          'retryStage',
          { stage: 'ingest', overrides: { uri: 7, url: '/data' } },
          'With these overrides the input of ingest is wrong. uri must be text. Got 7 instead. url is not a known key.',
        ],
        ['skipStage', { stage: 'ingest' }, 'ingest cannot be skipped, because others need what it gives.'],
        ['abort', { why: 'x' }, 'why is not a known key. Known here: reason.'],
      ];
      for (const [name, arg, sentence] of wrong) {
        const refusal = await handle.executeUpdate(name, { args: [arg] }).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
        expect(
          (refusal as WorkflowUpdateFailedError).cause?.message,
          `${name} ${JSON.stringify(arg)}`,
        ).toContain(sentence);
      }
      expect((await handle.fetchHistory()).events?.length).toBe(events);
      await handle.executeUpdate(abortUpdate, { args: [{}] });
      expect((await failureOf(handle)).message).toBe('The run was aborted.');
    });
  });

  it('starts again once when two Updates come at once', async () => {
    await withRun(unreadable, { ingest }, async ({ handle, calls }) => {
      await parked(handle, 'ingest');
      const retry = (): Promise<unknown> =>
        handle.executeUpdate(retryStageUpdate, { args: [{ stage: 'ingest', overrides: { uri: '/data' } }] });
      const settled = await Promise.allSettled([retry(), retry()]);
      expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const refused = settled.find((each) => each.status === 'rejected')?.reason as WorkflowUpdateFailedError;
      expect(refused.cause?.message).toMatch(/ingest is (running|done); only a parked stage can be retried/);
      await handle.result();
      expect(calls.stages.filter(({ node }) => node === 'ingest')).toHaveLength(2);
    });
  });

  it('is left out by skipStage where the workflow allows it', async () => {
    const stages = { computeFloors: failing('The floors cannot be computed.', 'FLOORS_FAILED') };
    await withRun({}, stages, async ({ handle, calls, details }) => {
      await parked(handle, 'computeFloors');
      expect(await details()).toContain(
        'To go on without it, send the Update **skipStage**:\n\n```json\n{"stage":"computeFloors"}\n```',
      );
      expect(await handle.executeUpdate(skipStageUpdate, { args: [{ stage: 'computeFloors' }] })).toEqual({
        message: 'The run goes on without computeFloors.',
      });
      await handle.result();
      expect(calls.stages.find(({ node }) => node === 'evaluate')?.input).not.toHaveProperty('floors');
      expect(await details()).toContain('| computeFloors | ↷ skipped | 1 |');
      await record(handle, 'skipped');
    });
  });

  it('ends with the run when a person aborts it, whose reason is kept; what runs is stopped', async () => {
    let stopped = false;
    const fetchBase = (request: StageRequest): Promise<StageOutcome> =>
      untilCanceled(request).catch((thrown: unknown) => {
        stopped = true;
        throw thrown;
      });
    await withRun(unreadable, { ingest, fetchBase }, async ({ handle, calls, details }) => {
      await parked(handle, 'ingest');
      await handle.executeUpdate(abortUpdate, { args: [{ reason: 'wrong corpus' }] });
      const failure = await failureOf(handle);
      expect(failure).toMatchObject({ message: 'The run was aborted: wrong corpus', type: 'RunAborted' });
      expect(stopped).toBe(true);
      expect(calls.ended).toMatchObject([{ outcome: 'failed', error: 'The run was aborted: wrong corpus' }]);
      expect(await details()).toContain('| fetchBase | ■ canceled |');
      await record(handle, 'aborted');
    });
  });

  it('ends with the run when that is canceled', async () => {
    await withRun(unreadable, { ingest }, async ({ handle, calls, details }) => {
      await parked(handle, 'ingest');
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(calls.ended).toMatchObject([{ outcome: 'cancelled' }]);
      expect(await details()).toContain('| ingest | ■ canceled | 1 |');
      expect(await searchable(handle)).toMatchObject({ OvertureStatus: ['cancelled'] });
      await record(handle, 'cancelled-while-parked');
    });
  });

  it('fails the run when nobody decides in time', async () => {
    await withRun({ ...unreadable, parkTimeoutHours: 1 / 3600 }, { ingest }, async ({ handle, calls }) => {
      const failure = await failureOf(handle);
      expect(failure).toMatchObject({
        message: 'ingest: There is no corpus at /nowhere.',
        type: 'CORPUS_MISSING',
      });
      expect(calls.ended).toMatchObject([{ outcome: 'failed' }]);
      expect(await searchable(handle)).toMatchObject({
        OvertureStatus: ['failed'],
        OvertureFailedStage: ['ingest'],
      });
      await record(handle, 'park-expired');
    });
  });
});

describe('a training at work', () => {
  /** A training that ends when the test tells it to. */
  function held(): { fineTune(request: StageRequest): Promise<StageOutcome>; release(): void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { fineTune: (request) => promise.then(() => fakeOutcome(request)), release: resolve };
  }

  it('is asked for something by an Update; the details say how, and it is kept before that is answered', async () => {
    const { fineTune, release } = held();
    await withRun({}, { fineTune }, async ({ handle, calls, details }) => {
      await atWork(handle);
      expect(await details()).toContain('{"stage":"fineTune","action":{"learningRate":0.5}}');
      const answer = await handle.executeUpdate<RunUpdateAnswer, [unknown]>('controlTraining', {
        args: [{ stage: 'fineTune', action: { learningRate: 0.5 }, by: 'Ada' }],
      });
      expect(answer.message).toBe(
        'The request is stored for fineTune, which applies it between two of its steps.',
      );
      const { run } = await handle.query(stateQuery);
      const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
      expect(calls.controls).toEqual([
        { id: uuid, run, node: 'fineTune', action: { learningRate: 0.5 }, by: 'Ada' },
      ]);
      await handle.executeUpdate<RunUpdateAnswer, [unknown]>('controlTraining', {
        args: [{ stage: 'fineTune', action: 'stopAfterEpoch' }],
      });
      expect(calls.controls[1]).toMatchObject({ action: 'stopAfterEpoch', by: null });
      expect(calls.controls[1]?.id).not.toBe(calls.controls[0]?.id);
      release();
      await handle.result();
      expect(await details()).not.toContain('controlTraining');
      await record(handle, 'controlled');
    });
  });

  it('refuses what it cannot do, and what is no training or not at work, with a sentence that leaves no event', async () => {
    const { fineTune, release } = held();
    await withRun({}, { fineTune }, async ({ handle, calls }) => {
      await atWork(handle);
      const events = (await handle.fetchHistory()).events?.length;
      const forms =
        'It fits none of its forms: must be one of "stopAfterEpoch", "evaluateNow"; or must be an object.';
      const wrong: readonly (readonly [unknown, string])[] = [
        [
          'fineTune',
          'The argument of controlTraining is wrong. It must be an object. Got "fineTune" instead.',
        ],
        [{ stage: 'fineTune' }, 'action'],
        [{ stage: 'fineTune', action: 'pause' }, `${forms} Got "pause" instead.`],
        [{ stage: 'fineTune', action: { learningRate: 1 } }, 'learningRate must be below 1'],
        [{ stage: 'fineTune', action: { learningRate: 0 } }, 'learningRate must be above 0'],
        [{ stage: 'fineTune', action: { learningRate: 0.5, epochs: 2 } }, 'epochs is not a known key'],
        [
          { stage: 'finetune', action: 'evaluateNow' },
          'There is no stage "finetune" in this run. It has ingest, fetchBase, tokenize,',
        ],
        [
          { stage: 'ingest', action: 'evaluateNow' },
          'ingest accepts no control requests. Accepting now: fineTune.',
        ],
      ];
      for (const [arg, sentence] of wrong)
        expect(await refusalOf(handle, arg), JSON.stringify(arg)).toContain(sentence);
      expect((await handle.fetchHistory()).events?.length).toBe(events);
      expect(calls.controls).toEqual([]);
      release();
      await handle.result();
    });
    await withRun(
      undefined,
      { ingest: failing('There is no corpus.', 'CORPUS_MISSING') },
      async ({ handle }) => {
        await parked(handle, 'ingest');
        expect(await refusalOf(handle, { stage: 'fineTune', action: 'evaluateNow' })).toContain(
          'fineTune is waiting; it accepts control requests only while it is running. No running stage accepts any now.',
        );
        await handle.executeUpdate(abortUpdate, { args: [{}] });
        await failureOf(handle);
      },
    );
  });

  it('says so when what was asked cannot be kept', async () => {
    const { fineTune, release } = held();
    await withRun(
      {},
      { fineTune, requestControl: failing('The database refused a statement.', 'REGISTRY_QUERY') },
      async ({ handle }) => {
        await atWork(handle);
        expect(await refusalOf(handle, { stage: 'fineTune', action: 'evaluateNow' })).toBe(
          'The request to fineTune could not be stored and has no effect: The database refused a statement.',
        );
        release();
        await handle.result();
      },
    );
  });

  async function refusalOf(handle: Run['handle'], arg: unknown): Promise<string | undefined> {
    const refusal: unknown = await handle
      .executeUpdate('controlTraining', { args: [arg] })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WorkflowUpdateFailedError);
    return (refusal as WorkflowUpdateFailedError).cause?.message;
  }
});

/** Waits until the training runs and nothing else does. */
async function atWork(handle: Run['handle']): Promise<void> {
  const statusOf = async (stage: string): Promise<string | undefined> =>
    (await handle.query(stateQuery)).stages.find(({ id }) => id === stage)?.status;
  await expect.poll(() => statusOf('fineTune')).toBe('running');
  await expect.poll(() => statusOf('computeFloors')).toBe('done');
}

/** Waits until a stage is parked and nothing else runs. */
async function parked(handle: Run['handle'], stage: string): Promise<void> {
  await expect
    .poll(async () => (await handle.query(stateQuery)).stages.find(({ id }) => id === stage)?.status)
    .toBe('parked');
  await expect
    .poll(async () => (await handle.query(stateQuery)).stages.find(({ id }) => id === 'fetchBase')?.status)
    .not.toBe('waiting');
}

async function searchable(handle: WorkflowHandle): Promise<Readonly<Record<string, unknown>>> {
  return { ...(await handle.describe()).searchAttributes };
}

/** The summaries in a history, in order. */
async function summariesOf(handle: WorkflowHandle): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ userMetadata }) =>
    userMetadata?.summary?.data
      ? [JSON.parse(Buffer.from(userMetadata.summary.data).toString()) as string]
      : [],
  );
}

async function failureOf(handle: WorkflowHandle): Promise<ApplicationFailure> {
  const thrown = await handle.result().catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(WorkflowFailedError);
  const { cause } = thrown as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}
