import type { StageOutcome, StageRequest } from '@overture/protocol';
import { CompleteAsyncError } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { trainInitiativeModel } from './index.ts';
import { abortUpdate, retryStageUpdate } from '@overture/durable';
import { fakeOutcome } from './testing/fake-stages.ts';
import type {} from '@overture/durable/testing/provided-context';
import { hurried } from './testing/timeout-workflows.ts';
import { openWorkflowRuns, type Run, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

const parked = async ({ state }: Run<typeof trainInitiativeModel>, stage: string): Promise<string> => {
  await expect.poll(async () => (await state()).stages.find(({ id }) => id === stage)?.status).toBe('parked');
  return (await state()).stages.find(({ id }) => id === stage)?.error ?? '';
};

describe('an activity that was completed by hand', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  it.each([
    [{ nonsense: 1 }, 'reused is missing'],
    [null, 'It must be an object'],
    ['done', 'It must be an object'],
    [[], 'It must be an object'],
    [
      { output: {}, reused: 'no', cacheKey: digest, durationMs: 1, artifacts: [] },
      'reused must be true or false. Got "no" instead.',
    ],
    [{ reused: false, cacheKey: digest, durationMs: 1, artifacts: [] }, 'output is missing'],
    [
      { output: { corpus: 7 }, reused: false, cacheKey: digest, durationMs: 1, artifacts: [] },
      'In its output: corpus must be an object. Got 7 instead.',
    ],
    [
      { output: {}, reused: false, cacheKey: 'x', durationMs: 1, artifacts: [{ kind: 'corpus' }] },
      'cacheKey',
    ],
  ])('with %j parks its stage, is recorded, and can be retried', async (result, problem) => {
    let byHand = true;
    const ingest = async (request: StageRequest): Promise<StageOutcome> => {
      if (!byHand) return fakeOutcome(request);
      byHand = false;
      throw new CompleteAsyncError();
    };
    await runs.withRun(trainInitiativeModel, { stages: { ingest } }, async (run) => {
      const { handle, client, calls } = run;
      const activityId = async (): Promise<string | undefined> =>
        (await handle.describe()).raw.pendingActivities?.find(
          ({ activityType }) => activityType?.name === 'ingest',
        )?.activityId ?? undefined;
      await expect.poll(() => byHand).toBe(false);
      await client.activity.complete(
        { workflowId: handle.workflowId, activityId: (await activityId()) as string },
        result,
      );
      const error = await parked(run, 'ingest');
      expect(error).toContain('The activity of stage ingest was completed with an invalid result:');
      expect(error).toContain(problem);
      expect(calls.failures).toMatchObject([
        {
          node: 'ingest',
          stage: 'ingest',
          code: 'OUTCOME_INVALID',
          message: error,
          input: { format: 'auto' },
        },
      ]);
      await handle.executeUpdate(retryStageUpdate, { args: [{ stage: 'ingest' }] });
      expect(await handle.result()).toMatchObject({ model: { version: 1 } });
    });
  });
});

describe('a stage that timed out', () => {
  it('parks, and is recorded although its activity could not do so', async () => {
    const slow = await openWorkflowRuns(
      inject('temporalAddress'),
      new URL('./testing/timeout-workflows.ts', import.meta.url).href,
    );
    const held = Promise.withResolvers<never>();
    try {
      await slow.withRun(
        hurried,
        { stages: { ingest: () => held.promise } },
        async ({ handle, calls, state }) => {
          try {
            await expect.poll(async () => (await state()).status).toBe('parked');
            const [stage] = (await state()).stages;
            expect(stage?.error).toMatch(/timeout|timed out/i);
            expect(calls.failures).toMatchObject([
              {
                run: calls.begun[0]!.run,
                node: 'ingest',
                stage: 'ingest',
                version: 1,
                input: { text: 'a' },
                message: stage?.error,
                code: 'StageFailed',
                attempt: 1,
              },
            ]);
            expect(calls.failures[0]!.durationMs).toBeGreaterThanOrEqual(1_000);
            await handle.executeUpdate(abortUpdate, { args: [{}] });
          } finally {
            held.reject(new Error('Too late.'));
          }
        },
      );
    } finally {
      await slow.close();
    }
  });
});
