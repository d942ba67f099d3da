import {
  ServiceError,
  WorkflowFailedError,
  WorkflowUpdateFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure, METADATA_ENCODING_KEY, RawValue } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { trainInitiativeModel } from './index.ts';
import { abortUpdate, stateQuery } from '@overture/durable';
import type {} from '@overture/durable/testing/provided-context';
import type { Calls } from './testing/fake-stages.ts';
import { openWorkflowRuns, type WorkflowRuns } from './testing/workflow-runs.ts';

let runs: WorkflowRuns;
beforeAll(async () => void (runs = await openWorkflowRuns(inject('temporalAddress'))));
afterAll(() => runs.close());

const maximumMessage = 4_000;
const maximumAttempts = 3;

/** JSON texts, because no JavaScript value that a client would serialize is 10,000 levels deep. */
const text = (size: number, character = 'x'): string =>
  JSON.stringify(character.repeat(size / Buffer.byteLength(character)));
const nested = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const nestedObjects = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const keyed = (count: number, key: (i: number) => string): string =>
  `{${Array.from({ length: count }, (_, i) => `${JSON.stringify(key(i))}:${i}`).join()}}`;
const list = (count: number, item: string): string => `[${Array<string>(count).fill(item).join()}]`;

const values: Readonly<Record<string, string>> = {
  null: 'null',
  true: 'true',
  zero: '0',
  'a negative number': '-1',
  'a huge number': '1e308',
  'more than a number holds': '1e999',
  'an empty text': '""',
  'a text': '"text"',
  'an empty list': '[]',
  'a list of lists': '[[[]]]',
  'an empty object': '{}',
  'the key __proto__': '{"__proto__": {"epochs": 2}}',
  'the key __proto__ within': '{"a": {"__proto__": null}}',
  'the key constructor': '{"constructor": {"prototype": {"x": 1}}}',
  'the key toString': '{"toString": 1}',
  'numbers as keys': '{"0": 1, "1": 2, "-1": 3, "1.5": 4, "1e3": 5}',
  'an empty key': '{"": 1}',
  'control characters': String.raw`{"\u0000\u001b[31m": "\u0000"}`,
  'half a surrogate pair': String.raw`{"\ud800": "\udfff"}`,
  'a key in another script': '{"😀語": 1}',
  'a text of 100 kB': text(100_000),
  'a text of 0.7 MB': text(700_000),
  'a text of 0.99 MB': text(990_000, '語'),
  'a text of 1.1 MB': text(1_100_000),
  'a text of 1.9 MB': text(1_900_000),
  'a text of 2.5 MB': text(2_500_000),
  'a text of 4 MB': text(4_000_000, '😀'),
  '8,000 keys': keyed(8_000, (i) => `unknown${i}`),
  '60,000 numbers as keys': keyed(60_000, (i) => `${i}`),
  'a key of 0.9 MB': `{${text(900_000)}: 1}`,
  '150,000 zeros': list(150_000, '0'),
  '300,000 empty objects': list(300_000, '{}'),
  '15,000 texts': list(15_000, text(60)),
  '65 levels': nested(65),
  '1,000 levels': nested(1_000),
  '10,000 levels': nested(10_000),
  '10,000 objects in each other': nestedObjects(10_000),
};

/** Positions in an input; `…` is replaced by the value. */
const places: Readonly<Record<string, string>> = {
  'as the input': '…',
  'as corpus.uri': '{"corpus": {"uri": …}}',
  'as training': '{"training": …}',
  'as training.classWeights': '{"training": {"classWeights": …}}',
};
const inputs = Object.entries(places).flatMap(([where, place]) =>
  Object.entries(values).map(([what, value]) => ({
    name: `${what} ${where}`,
    json: place.replace('…', () => value),
  })),
);

/** The same for arguments of Updates. */
const updates: readonly { readonly update: string; readonly place: string }[] = [
  { update: 'retryStage', place: '{"stage": "ingest", "overrides": {"split": …}}' },
  { update: 'retryStage', place: '{"stage": …}' },
  { update: 'abort', place: '{"reason": "x", "because": …}' },
  { update: 'controlTraining', place: '{"stage": "fineTune", "action": …}' },
];
const requests = updates.flatMap(({ update, place }) =>
  Object.entries(values).map(([what, value]) => ({
    name: `${what} in ${update} ${place}`,
    update,
    json: place.replace('…', () => value),
  })),
);

describe(`${inputs.length} hostile inputs`, () => {
  it('each end, or are refused by the server, in a sentence of less than 4 kB; registry and Temporal agree on the end', async () => {
    await runs.withRun(
      trainInitiativeModel,
      { stages: { ingest: missing } },
      async ({ handle, client, calls }) => {
        for (const { name, json } of inputs) {
          const workflowId = `hostile: ${name}`;
          const started = await client.workflow
            .start('trainInitiativeModel', { taskQueue: 'overture-light', workflowId, args: [raw(json)] })
            .catch((error: unknown) => error);
          if (started instanceof Error) {
            // Above Temporal's limits: 2 MB for a value, 4 MB for a call. There is no run.
            expect(started, name).toBeInstanceOf(ServiceError);
            expect(json.length, name).toBeGreaterThan(1_900_000);
            continue;
          }
          const run = started as WorkflowHandle;
          await endOf(run, client, name);
          await agree(run, calls, name);
        }
        await handle.executeUpdate(abortUpdate, { args: [{}] });
      },
    );
  });
});

describe(`${requests.length} hostile Updates`, () => {
  it('are each refused in a sentence of less than 4 kB that leaves no event, and the run can still be aborted', async () => {
    await runs.withRun(trainInitiativeModel, { stages: { ingest: missing } }, async ({ handle, calls }) => {
      const parked = (): Promise<void> =>
        expect
          .poll(async () =>
            (await handle.query(stateQuery)).stages.map(({ id, status }) => `${id} ${status}`),
          )
          .toEqual(expect.arrayContaining(['ingest parked', 'fetchBase done']));
      await parked();
      const accepted: string[] = [];
      let before = await lengthOf(handle);
      for (const { name, update, json } of requests) {
        const refusal: unknown = await handle.executeUpdate(update, { args: [raw(json)] }).then(
          () => undefined,
          (error: unknown) => error,
        );
        if (refusal === undefined) {
          accepted.push(name);
          await parked();
          before = await lengthOf(handle);
        } else if (refusal instanceof ServiceError)
          expect(json.length, `${name}: ${refusal.cause?.message ?? refusal.message}`).toBeGreaterThan(
            1_900_000,
          );
        else {
          expect(refusal, name).toBeInstanceOf(WorkflowUpdateFailedError);
          expectSentence((refusal as WorkflowUpdateFailedError).cause, name);
        }
      }
      // A null removes the key, and an empty object gets the defaults.
      expect(accepted).toEqual(
        ['null', 'an empty object'].map((what) => `${what} in retryStage ${updates[0]!.place}`),
      );
      expect(await lengthOf(handle)).toBe(before);
      await handle.executeUpdate(abortUpdate, { args: [{ reason: 'enough' }] });
      await expect(handle.result()).rejects.toMatchObject({
        cause: { message: 'The run was aborted: enough' },
      });
      await agree(handle, calls, 'the run');
    });
  });
});

describe('a stage that fails with more than Temporal takes', () => {
  const megabytes = 'é'.repeat(700_000);
  // As sent by a worker without limits.
  const ingest = async (): Promise<never> => {
    throw ApplicationFailure.create({
      message: megabytes,
      type: 'T'.repeat(10_000),
      nonRetryable: true,
      details: [megabytes.slice(0, 100_000)],
      cause: new Error(megabytes.slice(0, 10_000)),
    });
  };

  it('parks, and fails the run, with a few kilobytes', async () => {
    await runs.withRun(trainInitiativeModel, { stages: { ingest } }, async ({ handle, details }) => {
      await expect.poll(async () => (await handle.query(stateQuery)).status).toBe('parked');
      expect(Buffer.byteLength((await details()).split('```')[0] ?? '')).toBeLessThan(maximumMessage);
      await handle.executeUpdate(abortUpdate, { args: [{}] });
    });
    await runs.withRun(
      trainInitiativeModel,
      { stages: { ingest }, input: { onStageFailure: 'fail' } },
      async ({ handle, calls }) => {
        const thrown: unknown = await handle.result().catch((error: unknown) => error);
        const { cause } = thrown as WorkflowFailedError;
        // The server replaces a failure that it finds too long; one that it lets through is cut by the run.
        expect(cause?.message).toMatch(
          /^ingest: (Failure exceeds size limit\.|é+… \([\d,]+ more characters\))$/,
        );
        const { failure } = cause as ApplicationFailure;
        expect(Buffer.byteLength(JSON.stringify(failure))).toBeLessThan(12_000);
        await agree(handle, calls, 'a stage of megabytes');
      },
    );
  });
});

const missing = async (): Promise<never> => {
  throw ApplicationFailure.nonRetryable('There is no corpus.', 'CORPUS_MISSING');
};

function raw(json: string): unknown {
  return RawValue.fromPayload({
    metadata: { [METADATA_ENCODING_KEY]: new TextEncoder().encode('json/plain') },
    data: new TextEncoder().encode(json),
  });
}

/** Waits until a run has ended. A run with a valid input parks and is aborted. */
async function endOf(run: WorkflowHandle, client: Client, name: string): Promise<void> {
  const parked = async (): Promise<boolean> =>
    ((await client.workflow.getHandle(run.workflowId).query(stateQuery)).status as string) === 'parked';
  await expect
    .poll(async () => (await run.describe()).status.name !== 'RUNNING' || (await parked()), { message: name })
    .toBe(true);
  if ((await run.describe()).status.name === 'RUNNING')
    await run.executeUpdate(abortUpdate, { args: [{ reason: 'accepted' }] });
  const thrown: unknown = await run.result().catch((error: unknown) => error);
  expect(thrown, name).toBeInstanceOf(WorkflowFailedError);
  expectSentence((thrown as WorkflowFailedError).cause, name);
}

function expectSentence(cause: Error | undefined, name: string): void {
  expect(cause, name).toBeInstanceOf(ApplicationFailure);
  expect(cause?.message, name).toMatch(/^[A-Z].*\.( |$)|^The run was aborted: accepted$/s);
  expect(Buffer.byteLength(cause?.message ?? ''), name).toBeLessThan(maximumMessage);
  expect(Buffer.byteLength(JSON.stringify((cause as ApplicationFailure).details ?? [])), name).toBeLessThan(
    maximumMessage,
  );
}

/**
 * Checks that the registry has the end that Temporal shows, or neither start nor end, and that no workflow
 * task was retried for long.
 */
async function agree(run: WorkflowHandle, { begun, ended }: Calls, name: string): Promise<void> {
  const events = (await run.fetchHistory()).events ?? [];
  const attempts = Math.max(
    ...events.map(({ workflowTaskScheduledEventAttributes: task }) => task?.attempt ?? 1),
  );
  expect(attempts, name).toBeLessThanOrEqual(maximumAttempts);
  expect(events.filter(({ workflowTaskFailedEventAttributes: failed }) => failed).length, name).toBeLessThan(
    maximumAttempts,
  );
  const status = (await run.describe()).status.name.toLowerCase();
  const [first, ends] = [
    begun.filter(({ workflowId }) => workflowId === run.workflowId),
    ended.filter(({ run: id }) => id.startsWith(`${run.workflowId}/`)),
  ];
  expect(
    ends.map(({ outcome }) => outcome),
    name,
  ).toEqual(first.map(() => status));
  expect(first.length, name).toBeLessThanOrEqual(1);
}

async function lengthOf(run: WorkflowHandle): Promise<number> {
  return (await run.fetchHistory()).events?.length ?? 0;
}
