import type { StageOutcome, StageRequest } from '@overture/protocol';
import { WorkflowFailedError, type WorkflowHandle, type WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { promoteModel, promoteModelPipeline } from './index.ts';
import { abortUpdate, decideGateUpdate, skipStageUpdate, stateQuery } from '@overture/durable';
import { fakeOutcome } from './testing/fake-stages.ts';
import type {} from '@overture/durable/testing/provided-context';
import { openWorkflowRuns, recordHistory, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

const asking = (handle: WorkflowHandle): Promise<void> =>
  expect.poll(async () => (await handle.query(stateQuery)).status).toBe('asking');

describe('promoteModel', () => {
  it('is a picture of itself', () => {
    expect(promoteModelPipeline.plan({}).nodes.map(({ id, needs }) => `${id} ← ${needs.join(', ')}`)).toEqual(
      [
        'lookUpModels ← ',
        'ingest ← ',
        'computeFloors ← ingest',
        'compareModels ← lookUpModels, ingest, computeFloors',
        'approve ← lookUpModels, ingest, compareModels',
        'promote ← lookUpModels, approve, compareModels, ingest',
      ],
    );
  });

  it('asks a person where the model passes; who and why go into the registry with the numbers', async () => {
    await runs.withRun(promoteModel, {}, async ({ handle, calls, details }) => {
      await asking(handle);
      const text = await details();
      expect(text).toContain('#### Let champion point at this model?');
      expect(text).toContain('{"gate":"approve","approve":true,"by":"…","reason":"…"}');
      expect(text).toContain('"macroF1": 0.6');
      const answer = await handle.executeUpdate(decideGateUpdate, {
        args: [{ gate: 'approve', approve: true, by: 'Ada', reason: 'better on every class' }],
      });
      expect(answer).toEqual({ message: 'approve is approved.' });
      expect(await handle.result()).toMatchObject({
        model: 'initiative',
        version: 2,
        alias: 'champion',
        promoted: true,
        decision: { approved: true, decidedBy: 'person', by: 'Ada' },
      });
      expect(calls.stages.find(({ node }) => node === 'promote')?.input).toMatchObject({
        model: 'initiative',
        version: 2,
        decision: { approved: true, by: 'Ada', reason: 'better on every class' },
        evidence: { macroF1: 0.6, split: 'test' },
      });
      await recordHistory(handle, 'promote-model-approved');
    });
  });

  it('records a no as well', async () => {
    await runs.withRun(promoteModel, {}, async ({ handle, calls }) => {
      await asking(handle);
      await handle.executeUpdate(decideGateUpdate, {
        args: [{ gate: 'approve', approve: false, by: 'Ada' }],
      });
      await handle.result();
      expect(calls.stages.find(({ node }) => node === 'promote')?.input).toMatchObject({
        decision: { approved: false, decidedBy: 'person', by: 'Ada', reason: null },
      });
      await recordHistory(handle, 'promote-model-rejected');
    });
  });

  it('asks nobody where the model does not pass, and records that', async () => {
    const compareModels = async (request: StageRequest): Promise<StageOutcome> => {
      const outcome = await fakeOutcome(request);
      return {
        ...outcome,
        output: {
          ...(outcome.output as object),
          passes: false,
          shortcomings: ['It is not significantly better than always no.'],
        },
      };
    };
    await runs.withRun(promoteModel, { stages: { compareModels } }, async ({ handle, calls }) => {
      expect(await handle.result()).toMatchObject({
        decision: { approved: false, decidedBy: 'rule', by: null },
      });
      expect(calls.stages.find(({ node }) => node === 'promote')?.input).toMatchObject({
        evidence: { shortcomings: ['It is not significantly better than always no.'] },
      });
      await recordHistory(handle, 'promote-model-refused-by-rule');
    });
  });

  it('asks no longer once it is canceled', async () => {
    await runs.withRun(promoteModel, {}, async ({ handle, calls, details }) => {
      await asking(handle);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      expect((await handle.describe()).status.name).toBe('CANCELLED');
      expect(calls.ended).toMatchObject([{ outcome: 'cancelled' }]);
      expect(await details()).toContain('| approve | ■ canceled |');
      await recordHistory(handle, 'promote-model-cancelled');
    });
  });

  it('goes on without a skipped stage only where the pipeline allows it', async () => {
    const compareModels = async (): Promise<StageOutcome> => {
      throw ApplicationFailure.nonRetryable('The test split is empty.', 'SPLIT_EMPTY');
    };
    await runs.withRun(promoteModel, { stages: { compareModels } }, async ({ handle, calls, state }) => {
      await expect.poll(async () => (await state()).status).toBe('parked');
      const refused = (await handle
        .executeUpdate(skipStageUpdate, { args: [{ stage: 'compareModels' }] })
        .catch((error: unknown) => error)) as WorkflowUpdateFailedError;
      expect(refused.cause?.message).toContain(
        'compareModels cannot be skipped, because others need what it gives.',
      );
      await handle.executeUpdate(abortUpdate, { args: [{ reason: 'no test split' }] });
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
      expect(calls.ended).toMatchObject([{ outcome: 'failed', error: 'The run was aborted: no test split' }]);
      await recordHistory(handle, 'promote-model-aborted');
    });
  });
});
