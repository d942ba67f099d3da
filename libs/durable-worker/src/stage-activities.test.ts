import { once } from 'node:events';
import { AppError } from '@overture/core';
import { defineStage } from '@overture/dag';
import {
  ApplicationFailure,
  CancelledFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { implement, type StageImplementation } from '@overture/execution';
import { stageActivities, unknownStage } from './stage-activities.ts';
import { testServices as servicesOf } from '@overture/execution/testing';

const testServices = () => servicesOf(() => undefined);

const wait = defineStage({
  name: 'wait',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  input: z.strictObject({}),
  output: z.object({ said: z.string() }),
});

async function runIn(
  environment: MockActivityEnvironment,
  run: StageImplementation<typeof wait>['run'],
): Promise<unknown> {
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
    [
      'final',
      new AppError('CORPUS_EMPTY', 'The file must hold dialogues.', { details: { file: '/x' } }),
      {
        message: 'The file must hold dialogues.',
        type: 'CORPUS_EMPTY',
        nonRetryable: true,
        details: [{ file: '/x' }],
      },
    ],
    [
      'worth another try',
      new AppError('DOWNLOAD_FAILED', 'The mirror must answer.', { retryable: true }),
      { type: 'DOWNLOAD_FAILED', nonRetryable: false },
    ],
    [
      'unexpected',
      new TypeError('x is not a function'),
      { message: 'x is not a function', type: 'UNEXPECTED', nonRetryable: false },
    ],
    [
      'too detailed for Temporal',
      new AppError('A', 'Much.', { details: { list: 'x'.repeat(5000) } }),
      { details: [{ leftOut: true }] },
    ],
  ])(
    'turns an error that is %s into a failure that Temporal understands',
    async (_name, thrown, expected) => {
      const failure = await runIn(new MockActivityEnvironment(), () => Promise.reject(thrown)).catch(
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject(expected);
    },
  );

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const megabytes = 'é'.repeat(5_000_000);
  it.each([
    [
      '10 MB of output of a child process',
      new AppError('CHILD_FAILED', `The process ended: ${megabytes}`),
      /^The process ended: é+… \([\d,]+ more characters\)$/,
    ],
    ['an error of 10 MB', new Error(megabytes), /^é+…/],
    [
      'a failure of Temporal with 10 MB everywhere',
      ApplicationFailure.create({
        message: megabytes,
        type: megabytes,
        details: [megabytes, megabytes],
        cause: new Error(megabytes),
        nonRetryable: true,
      }),
      /^é+…/,
    ],
    [
      'details that contain themselves',
      ApplicationFailure.create({ message: 'Cyclic.', details: [cyclic] }),
      /^Cyclic\.$/,
    ],
    ['a cause that is its own', Object.assign(new Error('Cyclic.'), { cause: undefined }), /^Cyclic\.$/],
    ['a text', 'stopped', /^stopped$/],
    ['nothing', undefined, /^undefined$/],
    ['an object', cyclic, /^A value was thrown that has no text\.$/],
  ])('fails with a few kilobytes when a stage throws %s', async (name, thrown, message) => {
    if (name === 'a cause that is its own') (thrown as Error).cause = thrown;
    const failure = (await runIn(new MockActivityEnvironment(), () => Promise.reject(thrown as Error)).catch(
      (error: unknown) => error,
    )) as ApplicationFailure;
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure.message).toMatch(message);
    const {
      message: sent,
      stackTrace,
      cause,
    } = new DefaultFailureConverter().errorToFailure(failure, defaultPayloadConverter);
    expect(
      Buffer.byteLength(JSON.stringify([sent, stackTrace, cause, failure.type, failure.details])),
    ).toBeLessThan(6_000);
  });

  it('refuses an output that is too large to be passed on', async () => {
    const failure = await runIn(new MockActivityEnvironment(), async () => ({
      said: 'x'.repeat(1_100_000),
    })).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      type: 'STAGE_OUTPUT_TOO_LARGE',
      nonRetryable: true,
      message:
        'The output of stage wait has 1,100,011 bytes as JSON; at most 1,000,000 can be passed on. Store the data as an artifact and return its reference.',
    });
  });

  it('shortens progress', async () => {
    const environment = new MockActivityEnvironment();
    const beats: { message?: string }[] = [];
    environment.on('heartbeat', (details: { message?: string }) => beats.push(details));
    await runIn(environment, async (_, { heartbeat }) => {
      heartbeat({ message: megabytes });
      return { said: '' };
    });
    expect(beats[0]?.message).toMatch(/^é+… \(4,999,\d+ more characters\)$/);
  });

  it('passes a cancellation on, and ends as canceled whatever the stage then throws', async () => {
    const environment = new MockActivityEnvironment();
    const running = runIn(environment, async (_, { signal }) => {
      // After the stage has started, however long that took.
      setTimeout(() => environment.cancel(), 0);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new Error('The child was stopped.');
    });
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('says which worker is missing when a stage has no implementation', async () => {
    const environment = new MockActivityEnvironment({ activityType: 'translate' });
    await expect(
      environment.run(unknownStage(['ingest', 'tokenize'], 'overture-light') as () => Promise<never>),
    ).rejects.toMatchObject({
      type: 'STAGE_UNKNOWN',
      nonRetryable: false,
      message:
        'Stage translate must have an implementation on every worker of queue overture-light. This worker has ingest, tokenize: start a worker of the release that has translate, or stop this one.',
    });
  });

  it('refuses two implementations of one stage', async () => {
    await using test = await testServices();
    const stage = implement(wait, async () => ({ said: '' }));
    expect(() => stageActivities([stage, stage], test.services)).toThrow(
      'Stage wait must have one implementation on a worker. Got two',
    );
  });
});
