import { openFilesystemStore } from '@overture/artifacts';
import { conformanceApplication } from '@overture/durable/testing/conformance-application';
import { updateOf } from '@overture/durable/testing/update-of';
import type { RunControl, RunState } from '@overture/protocol';
import type { StageContract } from '@overture/dag';
import { conformanceCases, conformancePipelines, conformanceStages } from '@overture/dag/testing';
import { lookUpActivities, runActivities, stageActivities } from '@overture/durable-worker';
import { implement } from '@overture/execution';
import { openRegistry, type Registry } from '@overture/registry';
import { emptyDatabase } from '@overture/registry/testing';
import { registerSearchAttributes } from '@overture/durable-worker';
import { Client, Connection, type WorkflowFailedError } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type {} from '@overture/durable/testing/provided-context';

const ran: string[] = [];
const contracts = new Map<string, StageContract>(
  Object.values(conformancePipelines).flatMap((each) => [...each.prepare({}).contracts]),
);
const stages = [...contracts.values()].map((contract) =>
  implement(contract, async (input, { signal }) => {
    ran.push(contract.name);
    return (await conformanceStages[contract.name as keyof typeof conformanceStages](input as never, {
      id: contract.name,
      path: contract.name,
      attempt: 1,
      signal,
    })) as never;
  }),
);

let folder: string;
let native: NativeConnection;
let connection: Connection;
let registry: Registry;
let worker: Worker;
let working: Promise<void>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-look-up-'));
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  native = await NativeConnection.connect({ address });
  connection = await Connection.connect({ address });
  await registerSearchAttributes(native, {
    namespace: 'default',
    searchAttributes: conformanceApplication.searchAttributes,
  });
  registry = await openRegistry({ databaseUrl: await emptyDatabase() });
  const services = {
    registry,
    artifacts: await openFilesystemStore({ root: folder }),
    settings: undefined,
    stateDir: folder,
    logger: { info: () => undefined, warn: () => undefined },
    now: () => performance.now(),
  };
  worker = await Worker.create({
    connection: native,
    taskQueue: conformanceApplication.taskQueues.light,
    workflowsPath: fileURLToPath(import.meta.resolve('@overture/durable/testing/conformance-workflows')),
    activities: {
      ...stageActivities(stages, services),
      ...lookUpActivities(stages, services),
      ...runActivities(registry),
    },
  });
  working = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await working;
  await native.close();
  await connection.close();
  await registry.close();
  await rm(folder, { recursive: true, force: true });
});

interface Seen {
  readonly outcome: unknown;
  readonly state: RunState;
  readonly activities: readonly string[];
}

async function carryOut(
  { pipeline, input, decisions }: (typeof conformanceCases)[number],
  control: RunControl,
): Promise<Seen> {
  const handle = await new Client({ connection }).workflow.start(pipeline.name, {
    taskQueue: conformanceApplication.taskQueues.light,
    workflowId: randomUUID(),
    args: [input, control],
  });
  const state = (): Promise<RunState> => handle.query('state');
  for (const decision of decisions ?? []) {
    const waits = async (): Promise<boolean> =>
      (await state()).stages.some(
        ({ id, status }) =>
          (id === decision.task || id.startsWith(`${decision.task}[`)) &&
          (status === 'parked' || status === 'asking'),
      );
    await expect.poll(waits, { timeout: 1_800_000 }).toBe(true);
    await expect
      .poll(
        async () =>
          (await state()).stages.some(({ status }) => status === 'running' && decision.kind === 'abort'),
        { timeout: 1_800_000 },
      )
      .toBe(false);
    const [name, argument] = updateOf(decision);
    await handle.executeUpdate(name, { args: [argument] });
  }
  const outcome = await handle.result().then(
    ({ runId: _run, workflowId: _id, ...result }: Record<string, unknown>) => ({ result }),
    (error: unknown) => ({ failure: (error as WorkflowFailedError).cause?.message }),
  );
  const { events } = await handle.fetchHistory();
  return {
    outcome,
    state: await state(),
    activities: (events ?? []).flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    ),
  };
}

describe('durable pipelines whose stages are looked up', () => {
  // Each case runs a second time: stages that succeeded are looked up, and stages that failed fail again.
  it.each(
    [10_000, 15].flatMap((continueAfterEvents) =>
      conformanceCases.map((each) => ({ ...each, continueAfterEvents })),
    ),
  )(
    'carry out the same within $continueAfterEvents events: $name',
    async ({ continueAfterEvents, ...each }) => {
      const { decisions, expected } = each;
      const control: RunControl = {
        onStageFailure: decisions === undefined ? 'fail' : 'park',
        parkTimeoutHours: 1,
        continueAfterEvents,
      };
      await carryOut(each, control);
      ran.length = 0;
      const { outcome, state, activities } = await carryOut(each, control);
      expect(outcome).toEqual(
        expected.failure === undefined ? { result: expected.result } : { failure: expected.failure },
      );
      expect(Object.fromEntries(state.stages.map(({ id, status }) => [id, status]))).toEqual(
        expected.statuses,
      );
      // Only tasks that cannot be reused ran: failures, and tasks that a user changed or decided.
      expect(ran.filter((stage) => stage !== 'positive')).toEqual([]);
      if (
        expected.failure === undefined &&
        decisions === undefined &&
        !Object.values(expected.statuses).includes('skipped')
      ) {
        expect(activities).toEqual([]);
        expect(
          state.stages
            .filter(({ stage }) => stage in conformanceStages)
            .every(({ reused, id }) => reused === true || id in { positive: 1, parts: 1, all: 1 }),
        ).toBe(true);
        // All of them are in the registry, as if each had looked for itself.
        const recorded = (await registry.getRun(state.run)).stages;
        expect(recorded.map(({ node, state: was }) => [node, was]).sort()).toEqual(
          state.stages
            .filter(({ reused }) => reused === true)
            .map(({ id }) => [id, 'reused'])
            .sort(),
        );
      }
    },
    120_000,
  );
});
