import type { RunControl, RunState, StageOutcome, StageRequest } from '@overture/protocol';
import { AppError, digestOfJson } from '@overture/core';
import { conformanceCases, conformanceStages } from '@overture/dag/testing';
import { Client, Connection, type WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stateQuery } from './index.ts';
import { conformanceApplication } from './testing/conformance-application.ts';
import type {} from './testing/provided-context.ts';
import { updateOf } from './testing/update-of.ts';

let native: NativeConnection;
let connection: Connection;
let worker: Worker;
let working: Promise<void>;
/** The inputs of stages, by workflow. */
const calls = new Map<string, string[]>();

const activities = Object.fromEntries(
  Object.entries(conformanceStages).map(([name, code]) => [
    name,
    async ({ run, node, input }: StageRequest): Promise<StageOutcome> => {
      const workflow = run.split('/')[0] as string;
      calls.set(workflow, [...(calls.get(workflow) ?? []), `${node} ${JSON.stringify(input)}`]);
      try {
        const output = await code(input as never, {
          id: node,
          path: node,
          attempt: 1,
          signal: new AbortController().signal,
        });
        return { output, reused: false, cacheKey: digestOfJson(name), durationMs: 1, artifacts: [] };
      } catch (thrown) {
        throw thrown instanceof AppError
          ? ApplicationFailure.nonRetryable(thrown.message, thrown.code)
          : thrown;
      }
    },
  ]),
);

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  native = await NativeConnection.connect({ address });
  connection = await Connection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('./testing/conformance-workflows.ts', import.meta.url));
  worker = await Worker.create({
    connection: native,
    taskQueue: conformanceApplication.taskQueues.light,
    workflowsPath,
    activities: {
      ...activities,
      lookUpStages: async () => ({ known: [], more: false }),
      beginRun: async () => undefined,
      endRun: async () => undefined,
    },
  });
  working = worker.run();
});

afterAll(async () => {
  worker.shutdown();
  await working;
  await native.close();
  await connection.close();
});

describe('durable pipelines', () => {
  // Once as one execution, and once as many short executions that continue as new.
  it.each(
    [10_000, 15].flatMap((continueAfterEvents) =>
      conformanceCases.map((each) => ({ ...each, continueAfterEvents })),
    ),
  )(
    'carry out within $continueAfterEvents events: $name',
    async ({ pipeline, input, decisions, expected, continueAfterEvents }) => {
      const control: RunControl = {
        onStageFailure: decisions === undefined ? 'fail' : 'park',
        parkTimeoutHours: 1,
        continueAfterEvents,
      };
      const workflowId = randomUUID();
      const handle = await new Client({ connection }).workflow.start(pipeline.name, {
        taskQueue: conformanceApplication.taskQueues.light,
        workflowId,
        args: [input, control],
      });
      const state = (): Promise<RunState> => handle.query(stateQuery);
      for (const decision of decisions ?? []) {
        const waits = async (): Promise<boolean> =>
          (await state()).stages.some(
            ({ id, status }) =>
              (id === decision.task || id.startsWith(`${decision.task}[`)) &&
              (status === 'parked' || status === 'asking'),
          );
        await expect.poll(waits).toBe(true);
        // Another branch may still be running; the cases list its final state.
        await expect
          .poll(async () =>
            (await state()).stages.some(({ status }) => status === 'running' && decision.kind === 'abort'),
          )
          .toBe(false);
        const [name, argument] = updateOf(decision);
        await handle.executeUpdate(name, { args: [argument] });
      }
      const outcome = await handle.result().then(
        ({ runId: _run, workflowId: _id, ...result }: Record<string, unknown>) => ({ result }),
        (error: unknown) => ({ failure: (error as WorkflowFailedError).cause?.message }),
      );
      expect(outcome).toEqual(
        expected.failure === undefined ? { result: expected.result } : { failure: expected.failure },
      );
      expect(Object.fromEntries((await state()).stages.map(({ id, status }) => [id, status]))).toEqual(
        expected.statuses,
      );
      if (expected.calls) expect(calls.get(workflowId)?.sort()).toEqual(expected.calls);
    },
  );
});
