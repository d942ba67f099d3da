import type { StageOutcome, StageRequest } from '@overture/protocol';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rungsOf, sweep, sweepPipeline } from './index.ts';
import { fakeOutcome, untilCanceled } from './testing/fake-stages.ts';
import type {} from '@overture/durable/testing/provided-context';
import { openWorkflowRuns, recordHistory, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

describe('rungsOf', () => {
  const rungs = (trials: number, factor: number, smallestShare = 0.01) =>
    rungsOf({ strategy: 'halving', trials, factor, smallestShare }).map(({ keep, share }) => [
      keep,
      Number(share.toFixed(4)),
    ]);
  it('stops all but one in so many, on so many times as much, until one is left', () => {
    expect(rungs(9, 3)).toEqual([
      [3, 0.1111],
      [1, 0.3333],
    ]);
    expect(rungs(8, 2)).toEqual([
      [4, 0.125],
      [2, 0.25],
      [1, 0.5],
    ]);
    expect(rungs(2, 3)).toEqual([[1, 0.3333]]);
    expect(rungs(27, 3, 0.2)).toEqual([
      [9, 0.2],
      [3, 0.2],
      [1, 0.3333],
    ]);
    expect(rungsOf({ strategy: 'grid', trials: 9, factor: 3, smallestShare: 0.1 })).toEqual([
      { keep: 1, share: 1 },
    ]);
  });
});

describe('sweepPipeline', () => {
  it('is a picture of itself: rung after rung, the best in full', () => {
    expect(
      sweepPipeline.plan({}).nodes.map(({ id, kind, needs }) => `${id} (${kind}) ← ${needs.join(', ')}`),
    ).toEqual([
      'ingest (stage) ← ',
      'fetchBase (stage) ← ',
      'drawTrials (stage) ← ',
      'rung1 (map) ← drawTrials, ingest, fetchBase',
      'rank1 (stage) ← rung1',
      'rung2 (map) ← rank1, ingest, fetchBase',
      'rank2 (stage) ← rung2',
      'best (pipeline) ← rank2',
    ]);
  });

  it.each([
    [{ space: { learningrate: { values: [1] } } }, 'learningrate'],
    [
      { space: { epochs: { values: [0] } } },
      'space.epochs: every value must be one that training.epochs may have',
    ],
    [{ strategy: 'bayes' }, 'strategy must be one of "grid", "random", "halving". Got "bayes" instead.'],
  ])('refuses %j with a sentence', (input, sentence) => {
    expect(() => sweepPipeline.plan(input)).toThrow(sentence);
  });
});

describe('sweep', () => {
  /** Scores grow with the learning rate; the highest diverges. */
  const fineTune = async (request: StageRequest): Promise<StageOutcome> => {
    const { learningRate } = (request.input as { training: { learningRate: number } }).training;
    if (learningRate > 0.5)
      throw ApplicationFailure.nonRetryable('The loss is not finite.', 'TRAINING_DIVERGED');
    const outcome = await fakeOutcome(request);
    const output = outcome.output as { summary: object };
    return { ...outcome, output: { ...output, summary: { ...output.summary, validMacroF1: learningRate } } };
  };
  const ranking = (
    results: readonly { trial: number; training: object; share: number; score?: number }[],
    keep: number,
  ) => {
    const ranked = [...results].sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
    return {
      survivors: ranked.slice(0, keep).map(({ trial, training }) => ({ trial, training })),
      best: ranked[0],
      ranking: ranked.map(({ trial, share, score }, i) => ({
        trial,
        share,
        score: score ?? null,
        goesOn: i < keep,
      })),
    };
  };
  const rankTrials = async (request: StageRequest): Promise<StageOutcome> => {
    const { results, keep } = request.input as { results: Parameters<typeof ranking>[0]; keep: number };
    return { ...(await fakeOutcome(request)), output: ranking(results, keep) };
  };
  const drawTrials = async (request: StageRequest): Promise<StageOutcome> => {
    const { training } = request.input as { training: object };
    return {
      ...(await fakeOutcome(request)),
      output: {
        trials: [0.1, 0.4, 0.3, 0.9].map((learningRate, trial) => ({
          trial,
          training: { ...training, learningRate },
        })),
      },
    };
  };

  it('goes on as a new run before its history grows', async () => {
    await runs.withRun(
      sweep,
      {
        input: { trials: 4, factor: 2, atMost: 1, continueAfterEvents: 50 },
        stages: { fineTune, rankTrials, drawTrials },
      },
      async ({ handle, calls }) => {
        const { runId: first } = await handle.describe();
        expect(await handle.result()).toMatchObject({
          runId: `${handle.workflowId}/${first}`,
          best: { trial: 1, score: 0.4 },
        });
        expect((await handle.describe()).runId).not.toBe(first);
        expect(calls.stages.filter(({ node }) => node === 'fineTune')).toHaveLength(7);
        // The last of its executions.
        await recordHistory(handle, 'sweep-resumed');
      },
    );
  });

  it('stops losers early, does without a trial that diverges, and trains the best in full', async () => {
    await runs.withRun(
      sweep,
      { input: { trials: 4, factor: 2 }, stages: { fineTune, rankTrials, drawTrials } },
      async ({ handle, client, calls }) => {
        const result = await handle.result();
        expect(result).toMatchObject({
          best: { trial: 1, score: 0.4 },
          model: { name: 'initiative' },
          report: { macroF1: 0.5 },
        });
        expect(
          result.rungs.map((rung) => rung.map(({ trial, share, goesOn }) => [trial, share, goesOn])),
        ).toEqual([
          [
            [1, 0.25, true],
            [2, 0.25, true],
            [0, 0.25, false],
            [3, 0.25, false],
          ],
          [
            [1, 0.5, true],
            [2, 0.5, false],
          ],
        ]);
        const trained = calls.stages
          .filter(({ node }) => node === 'fineTune')
          .map(({ input }) => (input as { training: { learningRate: number } }).training.learningRate);
        expect(trained.sort()).toEqual([0.1, 0.3, 0.3, 0.4, 0.4, 0.4, 0.9]);
        expect((await client.workflow.getHandle(`${handle.workflowId}/rung2[0]`).describe()).type).toBe(
          'sweepTrial',
        );
        expect((await client.workflow.getHandle(`${handle.workflowId}/best`).describe()).type).toBe(
          'trainInitiativeModel',
        );
        await recordHistory(handle, 'sweep-done');
        await recordHistory(
          client.workflow.getHandle(`${handle.workflowId}/rung1[3]`),
          'sweep-trial-diverged',
        );
      },
    );
  });

  it('stops its trials when it is canceled, and waits until they have ended', async () => {
    await runs.withRun(
      sweep,
      {
        input: { trials: 4, factor: 2, atMost: 2 },
        stages: { fineTune: untilCanceled, rankTrials, drawTrials },
      },
      async ({ handle, client, calls }) => {
        await expect.poll(() => calls.stages.filter(({ node }) => node === 'fineTune').length).toBe(2);
        await handle.cancel();
        await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
        const trials = [0, 1].map((i) => client.workflow.getHandle(`${handle.workflowId}/rung1[${i}]`));
        for (const run of [handle, ...trials]) expect((await run.describe()).status.name).toBe('CANCELLED');
        expect(calls.ended.map(({ outcome }) => outcome)).toEqual(['cancelled', 'cancelled', 'cancelled']);
        await recordHistory(handle, 'sweep-cancelled');
        await recordHistory(trials[0]!, 'sweep-trial-cancelled');
      },
    );
  });

  it('fails with the ranking that fails, and trains nothing in full, where nobody is to be waited for', async () => {
    const broken = async (): Promise<never> => {
      throw ApplicationFailure.nonRetryable(
        'Every trial must have diverged or have a score. Trial 2 has neither.',
        'SWEEP_RESULTS_INVALID',
      );
    };
    await runs.withRun(
      sweep,
      {
        input: { trials: 4, factor: 2, onStageFailure: 'fail' },
        stages: { fineTune, rankTrials: broken, drawTrials },
      },
      async ({ handle, calls }) => {
        const thrown = await handle.result().catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(WorkflowFailedError);
        expect((thrown as WorkflowFailedError).cause?.message).toBe(
          'rank1: Every trial must have diverged or have a score. Trial 2 has neither.',
        );
        expect(calls.stages.map(({ node }) => node)).not.toContain('register');
        await recordHistory(handle, 'sweep-failed');
      },
    );
  });
});
