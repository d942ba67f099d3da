import type { StageOutcome, StageRequest } from '@overture/protocol';
import { runControlSchema } from '@overture/protocol';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { crossValidate, trainInitiativeModel } from './index.ts';
import { retryStageUpdate, stateQuery } from '@overture/durable';
import { fakeOutcome, type Calls } from './testing/fake-stages.ts';
import type {} from '@overture/durable/testing/provided-context';
import { openWorkflowRuns, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

/** Reads only files in /data, to which a user's override points. */
const ingest = async (request: StageRequest): Promise<StageOutcome> => {
  if ((request.input as { uri?: string }).uri !== '/data')
    throw ApplicationFailure.nonRetryable('There is no corpus.', 'CORPUS_MISSING');
  return fakeOutcome(request);
};

const override = (handle: WorkflowHandle): Promise<unknown> =>
  handle.executeUpdate(retryStageUpdate, { args: [{ stage: 'ingest', overrides: { uri: '/data' } }] });
const retry = (handle: WorkflowHandle): Promise<unknown> =>
  handle.executeUpdate(retryStageUpdate, { args: [{ stage: 'ingest' }] });

describe('a run that was reset', () => {
  it.each(['without', 'with'] as const)(
    'continues from every point of a parked run under its own id, %s a retry before the override',
    async (retried) => {
      await runs.withRun(trainInitiativeModel, { stages: { ingest } }, async ({ handle, client, calls }) => {
        await parked(handle);
        const base = handle.firstExecutionRunId;
        for (const point of await pointsOf(handle)) {
          const execution = await reset(client, handle.workflowId, point, { base });
          const current = client.workflow.getHandle<typeof trainInitiativeModel>(handle.workflowId);
          await parked(current);
          expect((await current.describe()).runId).toBe(execution);
          if (retried === 'with') {
            await retry(current);
            await parked(current);
          }
          await override(current);
          expect(await current.result(), `reset to event ${point}`).toMatchObject({ model: { version: 1 } });
          expectOneRun(calls, execution);
        }
      });
    },
  );

  it('continues from every point of a completed run, with what a person decided after it or without', async () => {
    await runs.withRun(trainInitiativeModel, { stages: { ingest } }, async ({ handle, client, calls }) => {
      await parked(handle);
      await override(handle);
      await handle.result();
      const base = handle.firstExecutionRunId;
      for (const point of await pointsOf(handle)) {
        for (const updates of ['again', 'left out'] as const) {
          const execution = await reset(client, handle.workflowId, point, { base, updates });
          const current = client.workflow.getHandle<typeof trainInitiativeModel>(handle.workflowId);
          // If the decision is in the kept history or is applied again, the run does not wait for it.
          await expect
            .poll(
              async () =>
                (await current.describe()).status.name === 'COMPLETED' ||
                (await current.query(stateQuery)).status === 'parked',
            )
            .toBe(true);
          if ((await current.describe()).status.name !== 'COMPLETED') await override(current);
          expect(await current.result(), `reset to event ${point}, Updates ${updates}`).toMatchObject({
            model: { version: 1 },
          });
          expectOneRun(calls, execution);
        }
      }
    });
  });

  it('continues from every point while a stage is running', async () => {
    const held: (() => void)[] = [];
    const fineTune = (request: StageRequest): Promise<StageOutcome> =>
      new Promise((resolve) => held.push(() => resolve(fakeOutcome(request))));
    await runs.withRun(trainInitiativeModel, { stages: { fineTune } }, async ({ handle, client, calls }) => {
      await expect.poll(() => held.length).toBe(1);
      await expect
        .poll(
          async () =>
            (await handle.query(stateQuery)).stages.find(({ id }) => id === 'computeFloors')?.status,
        )
        .toBe('done');
      const points = await pointsOf(handle);
      expect(points.length).toBeGreaterThan(2);
      const base = handle.firstExecutionRunId;
      try {
        for (const point of points) {
          const before = held.length;
          const execution = await reset(client, handle.workflowId, point, { base });
          await expect.poll(() => held.length).toBeGreaterThan(before);
          expect((await client.workflow.getHandle(handle.workflowId, base).describe()).status.name).toBe(
            'TERMINATED',
          );
          held.at(-1)!();
          await client.workflow.getHandle(handle.workflowId).result();
          expectOneRun(calls, execution);
        }
      } finally {
        for (const release of held) release();
      }
    });
  });

  it('continues with its child workflows, from every point of a completed run', async () => {
    await runs.withRun(
      crossValidate,
      { input: { folds: 2, seeds: [1] } },
      async ({ handle, client, calls }) => {
        await handle.result();
        const base = handle.firstExecutionRunId;
        for (const point of await pointsOf(client.workflow.getHandle(handle.workflowId, base))) {
          const execution = await reset(client, handle.workflowId, point, { base });
          await client.workflow.getHandle(handle.workflowId).result();
          expect(calls.ended.at(-1), `reset to event ${point}`).toMatchObject({
            run: `${handle.workflowId}/${base}`,
            outcome: 'completed',
            execution: { id: execution },
          });
        }
      },
    );
  });

  it.each([0, 2, -1])(
    'continues with its child workflows while they run, from workflow task %i',
    async (index) => {
      const held: (() => void)[] = [];
      let hold = true;
      const fineTune = async (request: StageRequest): Promise<StageOutcome> => {
        if (hold) await new Promise<void>((resolve) => held.push(resolve));
        return fakeOutcome(request);
      };
      await runs.withRun(
        crossValidate,
        { stages: { fineTune }, input: { folds: 2, seeds: [1] } },
        async ({ handle, client, calls }) => {
          const base = handle.firstExecutionRunId;
          try {
            await expect.poll(() => held.length).toBe(2);
            const execution = await reset(client, handle.workflowId, (await pointsOf(handle)).at(index)!, {
              base,
            });
            hold = false;
            for (const release of held) release();
            await client.workflow.getHandle(handle.workflowId).result();
            expect(calls.ended.at(-1)).toMatchObject({
              run: `${handle.workflowId}/${base}`,
              outcome: 'completed',
              execution: { id: execution },
            });
          } finally {
            hold = false;
            for (const release of held) release();
          }
        },
      );
    },
  );

  it('waits for the child of the execution before, which still has its id', async () => {
    const held: (() => void)[] = [];
    let hold = true;
    const fineTune = async (request: StageRequest): Promise<StageOutcome> => {
      if (hold) await new Promise<void>((resolve) => held.push(resolve));
      return fakeOutcome(request);
    };
    await runs.withRun(
      crossValidate,
      { stages: { fineTune }, input: { folds: 2, seeds: [1] } },
      async ({ handle, client }) => {
        try {
          await expect.poll(() => held.length).toBe(2);
          const execution = await reset(client, handle.workflowId, (await pointsOf(handle))[0]!, {
            base: handle.firstExecutionRunId,
          });
          const current = client.workflow.getHandle(handle.workflowId, execution);
          // The old child cannot end before the new one was rejected.
          await expect
            .poll(async () =>
              ((await current.fetchHistory()).events ?? []).some(
                ({ startChildWorkflowExecutionFailedEventAttributes: failed }) => failed,
              ),
            )
            .toBe(true);
          hold = false;
          for (const release of held) release();
          expect(await current.result()).toMatchObject({ workflowId: handle.workflowId });
        } finally {
          hold = false;
          for (const release of held) release();
        }
      },
    );
  });

  it('continues after it had continued as new', async () => {
    await runs.withRun(
      trainInitiativeModel,
      { stages: { ingest } },
      async ({ handle: other, client, calls }) => {
        await parked(other);
        await override(other);
        const workflowId = randomUUID();
        const control = runControlSchema.parse({ continueAfterEvents: 50 });
        const first = await client.workflow.start('trainInitiativeModel', {
          taskQueue: 'overture-light',
          workflowId,
          args: [{}, { ...control, continueAfterEvents: 17 }],
        });
        const current = client.workflow.getHandle<typeof trainInitiativeModel>(workflowId);
        await parked(current);
        await expect.poll(async () => (await current.describe()).runId).not.toBe(first.firstExecutionRunId);
        await parked(current);
        const of = (all: readonly { readonly run: string }[]): readonly string[] => [
          ...new Set(all.filter(({ run }) => run.startsWith(workflowId)).map(({ run }) => run)),
        ];
        const { runId: base } = await current.describe();
        for (const point of await pointsOf(client.workflow.getHandle(workflowId, base))) {
          const execution = await reset(client, workflowId, point, { base });
          await parked(current);
          await override(current);
          await current.result();
          expect(of([...calls.begun, ...calls.stages, ...calls.ended]), `reset to event ${point}`).toEqual([
            `${workflowId}/${first.firstExecutionRunId}`,
          ]);
          expect(calls.ended.at(-1)).toMatchObject({ outcome: 'completed' });
          expect(calls.stages.some((each) => each.execution?.cause === 'continued')).toBe(true);
          expect([...calls.stages, ...calls.ended].some((each) => each.execution?.id === execution)).toBe(
            true,
          );
        }
      },
    );
  });
});

/**
 * Checks that all activities received the same run, that of the first execution, and that the last execution
 * reported the end.
 */
function expectOneRun({ begun, ended, stages }: Calls, execution: string): void {
  expect(new Set([...begun, ...stages, ...ended].map(({ run }) => run))).toEqual(new Set([begun[0]!.run]));
  expect(ended.at(-1)).toMatchObject({ outcome: 'completed', execution: { id: execution, cause: 'reset' } });
}

/** The workflow tasks in a run's history to which it can be reset. */
async function pointsOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<number[]> {
  return ((await handle.fetchHistory()).events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes: completed }) => completed)
    .map(({ eventId }) => Number(eventId));
}

/**
 * Resets a run as the Temporal UI does.
 * @returns the run id of the new execution
 */
async function reset(
  client: Client,
  workflowId: string,
  point: number,
  { base: runId, updates = 'again' }: { readonly base: string; readonly updates?: 'again' | 'left out' },
): Promise<string> {
  const answer = await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'for the test',
    workflowTaskFinishEventId: point as never,
    requestId: randomUUID(),
    resetReapplyExcludeTypes: updates === 'again' ? [] : [2 /* RESET_REAPPLY_EXCLUDE_TYPE_UPDATE */],
  });
  return answer.runId;
}

async function parked(handle: WorkflowHandle): Promise<void> {
  await expect
    .poll(async () => (await handle.query(stateQuery)).stages.map(({ id, status }) => `${id} ${status}`))
    .toEqual(expect.arrayContaining(['ingest parked', 'fetchBase done']));
}
