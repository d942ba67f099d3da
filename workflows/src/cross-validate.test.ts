import type { StageOutcome, StageRequest } from '@overture/protocol';
import { printPlan } from '@overture/dag';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { crossValidate, crossValidateFoldPipeline, crossValidatePipeline } from './index.ts';
import { abortUpdate, retryStageUpdate, stateQuery } from '@overture/durable';
import { fakeOutcome, untilCanceled } from './testing/fake-stages.ts';
import type {} from '@overture/durable/testing/provided-context';
import { openWorkflowRuns, recordHistory, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

describe('crossValidatePipeline', () => {
  it('is a picture of itself: what folds share is computed once', () => {
    const plan = crossValidatePipeline.plan({});
    expect(plan.nodes.map(({ id, kind, needs }) => `${id} (${kind}) ← ${needs.join(', ')}`)).toEqual([
      'ingest (stage) ← ',
      'drawFolds (stage) ← ingest',
      'fetchBase (stage) ← ',
      'tokenize (stage) ← ingest, fetchBase',
      'fold (map) ← ingest, drawFolds, fetchBase, tokenize',
      'poolFolds (stage) ← ingest, drawFolds, fold',
    ]);
    expect(printPlan(plan)).toContain('at most 4 at a time: pipeline crossValidateFold(');
  });

  it('gives a tiny base no word of the evaluated fold: base and tokens are made inside the fold', () => {
    expect(crossValidatePipeline.plan({ base: 'tiny' }).nodes.map(({ id }) => id)).toEqual([
      'ingest',
      'drawFolds',
      'fold',
      'poolFolds',
    ]);
    const ref = (kind: string) => ({ kind, digest: `sha256:${'0'.repeat(64)}`, bytes: 1 });
    const { nodes } = crossValidateFoldPipeline.plan({
      corpus: ref('corpus'),
      folds: ref('folds'),
      fold: 0,
      seed: 1,
      training: {},
    });
    expect(nodes.map(({ id, needs }) => `${id} ← ${needs.join(', ')}`)).toEqual([
      'takeFold ← ',
      'createTinyBase ← takeFold',
      'tokenize ← takeFold, createTinyBase',
      'computeFloors ← takeFold',
      'fineTune ← tokenize, createTinyBase',
      'predictFold ← fineTune, takeFold',
    ]);
  });

  it.each([
    [{ folds: 1 }, 'folds must be at least 2. Got 1 instead.'],
    [
      { training: { seed: 3 } },
      'training.seed: must be left out, since seeds has one for each repetition. Got 3 instead.',
    ],
    [{ seeds: [1, 1] }, 'seeds: must be different from each other. Got [1,1] instead.'],
    [{ seed: 1 }, 'seed is not a known key.'],
  ])('refuses %j with a sentence', (input, sentence) => {
    expect(() => crossValidatePipeline.plan(input)).toThrow(sentence);
  });
});

describe('crossValidate', () => {
  it('runs every fold under every seed as a child workflow, and pools what all of them gave', async () => {
    await runs.withRun(crossValidate, {}, async ({ handle, client, calls, details }) => {
      const result = await handle.result();
      expect(result).toMatchObject({
        report: { macroF1: 0.5 },
        artifacts: { predictions: { kind: 'predictions' } },
      });
      const count = (stage: string): number => calls.stages.filter(({ node }) => node === stage).length;
      expect(['ingest', 'drawFolds', 'fetchBase', 'tokenize', 'poolFolds'].map(count)).toEqual([
        1, 1, 1, 1, 1,
      ]);
      expect(['takeFold', 'takeFoldTokens', 'computeFloors', 'fineTune', 'predictFold'].map(count)).toEqual([
        10, 10, 10, 10, 10,
      ]);
      const trained = calls.stages
        .filter(({ node }) => node === 'fineTune')
        .map(({ input }) => (input as { training: { seed: number } }).training.seed);
      expect(trained.sort()).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
      const pooled = calls.stages.find(({ node }) => node === 'poolFolds')?.input as {
        parts: { fold: number; seed: number }[];
      };
      expect(pooled.parts.map(({ fold, seed }) => [seed, fold])).toEqual(
        [0, 1].flatMap((seed) => [0, 1, 2, 3, 4].map((fold) => [seed, fold])),
      );
      expect(await details()).toContain(
        `| fold[9] | ✓ done | 1 |  |  | workflow \`${handle.workflowId}/fold[9]\` |`,
      );
      const child = client.workflow.getHandle(`${handle.workflowId}/fold[9]`);
      expect((await child.describe()).type).toBe('crossValidateFold');
      await recordHistory(handle, 'cross-validate-done');
      await recordHistory(child, 'cross-validate-fold-done');
    });
  });

  it('goes on as a new run before its history grows: one run for people, nothing done twice', async () => {
    await runs.withRun(
      crossValidate,
      { input: { atMost: 2, continueAfterEvents: 50 } },
      async ({ handle, client, calls, state }) => {
        const { runId: first } = await handle.describe();
        const result = await handle.result();
        expect(result.runId).toBe(`${handle.workflowId}/${first}`);
        expect((await handle.describe()).runId).not.toBe(first);
        expect(calls.begun.filter(({ pipeline }) => pipeline === 'crossValidate')).toMatchObject([
          { run: result.runId },
        ]);
        expect(calls.ended.filter(({ run }) => run === result.runId)).toMatchObject([
          { outcome: 'completed' },
        ]);
        for (const [stage, times] of [
          ['ingest', 1],
          ['drawFolds', 1],
          ['takeFold', 10],
          ['fineTune', 10],
          ['poolFolds', 1],
        ] as const)
          expect(calls.stages.filter(({ node }) => node === stage)).toHaveLength(times);
        expect((await state()).stages.every(({ status }) => status === 'done')).toBe(true);
        expect((await state()).stages.find(({ id }) => id === 'ingest')).toMatchObject({
          reused: true,
          artifacts: [],
        });
        await recordHistory(client.workflow.getHandle(handle.workflowId, first), 'cross-validate-continued');
      },
    );
  });

  it('parks a fold by itself: the others end, and it goes on where it was', async () => {
    let broken = true;
    const fineTune = async (request: StageRequest): Promise<StageOutcome> => {
      if (broken && (request.input as { training: { seed: number } }).training.seed === 1)
        throw ApplicationFailure.nonRetryable('The disk is full.', 'DISK_FULL');
      return fakeOutcome(request);
    };
    await runs.withRun(
      crossValidate,
      { input: { folds: 2, seeds: [0, 1] }, stages: { fineTune } },
      async ({ handle, client, calls }) => {
        const folds = ['fold[2]', 'fold[3]'].map((id) =>
          client.workflow.getHandle(`${handle.workflowId}/${id}`),
        );
        for (const fold of folds)
          await expect
            .poll(async () => (await fold.query(stateQuery).catch(() => undefined))?.status)
            .toBe('parked');
        broken = false;
        for (const fold of folds)
          await fold.executeUpdate(retryStageUpdate, { args: [{ stage: 'fineTune' }] });
        await handle.result();
        expect(calls.stages.filter(({ node }) => node === 'takeFold')).toHaveLength(4);
        expect(calls.stages.filter(({ node }) => node === 'fineTune')).toHaveLength(6);
        await recordHistory(folds[0]!, 'cross-validate-fold-retried');
      },
    );
  });

  it('parks a fold whose own run was given up, and starts it anew as another child', async () => {
    let broken = true;
    const predictFold = async (request: StageRequest): Promise<StageOutcome> => {
      if (broken && (request.input as { fold: number }).fold === 1)
        throw ApplicationFailure.nonRetryable('The bundle is damaged.', 'BUNDLE_INVALID');
      return fakeOutcome(request);
    };
    await runs.withRun(
      crossValidate,
      { input: { folds: 2, seeds: [0] }, stages: { predictFold } },
      async ({ handle, client, state, details }) => {
        const fold = client.workflow.getHandle(`${handle.workflowId}/fold[1]`);
        await expect
          .poll(async () => (await fold.query(stateQuery).catch(() => undefined))?.status)
          .toBe('parked');
        await fold.executeUpdate(abortUpdate, { args: [{ reason: 'begin anew' }] });
        await expect.poll(async () => (await state()).status).toBe('parked');
        expect(await details()).toContain('> The run was aborted: begin anew (RunAborted)');
        broken = false;
        await handle.executeUpdate(retryStageUpdate, { args: [{ stage: 'fold' }] });
        await handle.result();
        expect(
          (await client.workflow.getHandle(`${handle.workflowId}/fold[1]/2`).describe()).status.name,
        ).toBe('COMPLETED');
        await recordHistory(handle, 'cross-validate-retried');
        await recordHistory(fold, 'cross-validate-fold-aborted');
      },
    );
  });

  it('stops its folds when it is canceled, and waits until they have ended', async () => {
    await runs.withRun(
      crossValidate,
      { input: { folds: 2, seeds: [0] }, stages: { fineTune: untilCanceled } },
      async ({ handle, client, calls }) => {
        await expect
          .poll(() => calls.stages.filter(({ node }) => node === 'fineTune').length)
          .toBeGreaterThan(0);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
        const folds = [0, 1].map((i) => client.workflow.getHandle(`${handle.workflowId}/fold[${i}]`));
        for (const run of [handle, ...folds]) expect((await run.describe()).status.name).toBe('CANCELLED');
        expect(calls.ended.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'cancelled']);
        await recordHistory(handle, 'cross-validate-cancelled');
        await recordHistory(folds[0]!, 'cross-validate-fold-cancelled');
      },
    );
  });

  it('fails with the fold that fails, never with a smaller pool, where nobody is to be waited for', async () => {
    const predictFold = async (request: StageRequest): Promise<StageOutcome> => {
      if ((request.input as { fold: number }).fold === 1)
        throw ApplicationFailure.nonRetryable('The bundle is damaged.', 'BUNDLE_INVALID');
      return fakeOutcome(request);
    };
    await runs.withRun(
      crossValidate,
      { input: { folds: 2, seeds: [0], onStageFailure: 'fail' }, stages: { predictFold } },
      async ({ handle, calls }) => {
        const thrown = await handle.result().catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(WorkflowFailedError);
        expect((thrown as WorkflowFailedError).cause?.message).toBe(
          'fold[1]: predictFold: The bundle is damaged.',
        );
        expect(calls.stages.map(({ node }) => node)).not.toContain('poolFolds');
        await recordHistory(handle, 'cross-validate-failed');
      },
    );
  });
});
