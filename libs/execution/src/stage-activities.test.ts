import { once } from 'node:events';
import { AppError } from '@overture/core';
import { defineStage } from '@overture/dag';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { implement, type StageImplementation } from './implement.ts';
import { stageActivities, unknownStage } from './stage-activities.ts';
import { testServices as servicesOf } from './testing/services.ts';

const testServices = () => servicesOf(() => undefined);

const wait = defineStage({ name: 'wait', version: 1, summary: 'For the test.', queue: 'light', input: z.strictObject({}), output: z.object({ said: z.string() }) });

async function runIn(environment: MockActivityEnvironment, run: StageImplementation<typeof wait>['run']): Promise<unknown> {
  await using test = await testServices();
  const { wait: activity } = stageActivities([implement(wait, run)], test.services);
  return await environment.run(activity as NonNullable<typeof activity>, test.request({}));
}

describe('stageActivities', () => {
  it('heartbeats on a timer with the latest progress while the stage is busy', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 60 });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await runIn(environment, async (_, { heartbeat }) => {
      await once(environment, 'heartbeat');
      heartbeat({ done: 1, total: 2 });
      while (beats.length < 4) await once(environment, 'heartbeat');
      return { said: '' };
    });
    expect(beats[0]).toEqual({ stage: 'wait' });
    expect(beats.at(-1)).toEqual({ stage: 'wait', done: 1, total: 2 });
  });

  it('costs a stage that is over at once no heartbeat', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 60_000 });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await runIn(environment, async () => ({ said: '' }));
    expect(beats).toEqual([]);
  });

  it.each([
    ['final', new AppError('CORPUS_EMPTY', 'The file must hold dialogues.', { details: { file: '/x' } }), { message: 'The file must hold dialogues.', type: 'CORPUS_EMPTY', nonRetryable: true, details: [{ file: '/x' }] }],
    ['worth another try', new AppError('DOWNLOAD_FAILED', 'The mirror must answer.', { retryable: true }), { type: 'DOWNLOAD_FAILED', nonRetryable: false }],
    ['unexpected', new TypeError('x is not a function'), { message: 'x is not a function', type: 'UNEXPECTED', nonRetryable: false }],
    ['too detailed for Temporal', new AppError('A', 'Much.', { details: { list: 'x'.repeat(5000) } }), { details: [] }],
  ])('turns an error that is %s into a failure that Temporal understands', async (_name, thrown, expected) => {
    const failure = await runIn(new MockActivityEnvironment(), () => Promise.reject(thrown)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject(expected);
  });

  it('passes a cancellation on, and ends as cancelled whatever the stage then throws', async () => {
    const environment = new MockActivityEnvironment();
    const running = runIn(environment, async (_, { signal }) => {
      // Once the stage is at work, however long its start took.
      setTimeout(() => environment.cancel(), 0);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('The child was stopped.');
    });
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('says which worker is missing when a stage has no implementation', async () => {
    const environment = new MockActivityEnvironment({ activityType: 'translate' });
    await expect(environment.run(unknownStage(['ingest', 'tokenize'], 'overture-light') as () => Promise<never>)).rejects.toMatchObject({
      type: 'STAGE_UNKNOWN', nonRetryable: false,
      message: 'Stage translate must have an implementation on every worker of queue overture-light. This worker has ingest, tokenize: start a worker of the release that has translate, or stop this one.',
    });
  });

  it('refuses two implementations of one stage', async () => {
    await using test = await testServices();
    const stage = implement(wait, async () => ({ said: '' }));
    expect(() => stageActivities([stage, stage], test.services)).toThrow('Stage wait must have one implementation on a worker. Got two');
  });
});
