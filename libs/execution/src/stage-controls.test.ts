import { AppError } from '@overture/core';
import { cacheKey, defineStage, pipeline } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executeStage } from './execute-stage.ts';
import { implement, type StageImplementation } from './implement.ts';
import { planReuse } from './plan-reuse.ts';
import type { AppliedControl } from './stage-controls.ts';
import { run, testServices as servicesOf } from './testing/services.ts';

const count = defineStage({
  name: 'count',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  control: { action: z.json(), examples: ['stop'] },
  input: z.strictObject({ to: z.int() }),
  output: z.object({ reached: z.int() }),
});
const key = cacheKey({ stage: 'count', version: 1, input: { to: 5 } });

const claim = {
  run,
  node: 'node',
  stage: 'count',
  cacheKey: key,
  activityId: '1',
  attempt: 1,
  reuse: false,
  leaseMs: 1,
};

async function testServices() {
  const test = await servicesOf(() => undefined);
  const services = { ...test.services, controlPollMs: 5 };
  const ask = (id: string, action: unknown, node = 'node'): void =>
    void services.registry.requestControl({ id, run, node, action, by: null });
  const execute = (stage: StageImplementation<typeof count>, node = 'node') =>
    executeStage(stage, test.request({ to: 5 }, node), { ...test, services });
  return { ...test, services, ask, execute };
}

/** A stage that waits for a control request, applies it after step 3, and returns the given output. */
const controlledStage = (
  changesResult: boolean,
  runs: (readonly AppliedControl[])[] = [],
): StageImplementation<typeof count> =>
  implement(count, async ({ to }, { controls }) => {
    runs.push(controls.applied);
    if (controls.applied.length > 0) return { reached: 3 };
    const request = await new Promise<Pick<AppliedControl, 'id' | 'action'>>((resolve) =>
      controls.onRequest(resolve),
    );
    await controls.record({ ...request, step: 3, changesResult });
    return { reached: changesResult ? 3 : to };
  });
const undisturbed = implement(count, async ({ to }) => ({ reached: to }));

describe('what people ask of a stage at work', () => {
  it('reaches it while it works, and is part of the key of what it gives: nobody else reuses that', async () => {
    await using test = await testServices();
    const runs: (readonly AppliedControl[])[] = [];
    const running = test.execute(controlledStage(true, runs));
    await expect.poll(() => runs.length).toBe(1);
    test.ask('other', 'stop', 'other node');
    test.ask('a', 'stop');
    const controls = [{ action: 'stop', step: 3 }];
    expect(await running).toMatchObject({
      output: { reached: 3 },
      reused: false,
      cacheKey: cacheKey({ stage: 'count', version: 1, input: { to: 5 }, controls }),
      reasons: ['controlled: stop after step 3'],
    });
    expect((await test.services.registry.getRun(run)).controls.map(({ applied }) => applied)).toEqual([
      null,
      { cacheKey: key, step: 3, changesResult: true },
    ]);
    expect(test.services.registry.executions).toMatchObject([{ controls, outcome: { state: 'ran' } }]);
    expect(await test.services.registry.claimStage({ ...claim, node: 'later' })).toMatchObject({
      kind: 'leased',
      contended: false,
    });

    const other = await test.execute(undisturbed, 'elsewhere');
    expect(other).toMatchObject({ output: { reached: 5 }, reused: false, cacheKey: key });
    expect(await test.execute(undisturbed, 'once more')).toMatchObject({
      output: { reached: 5 },
      reused: true,
    });
  });

  it('is no part of the key where it changes nothing', async () => {
    await using test = await testServices();
    test.ask('a', 'look');
    expect(await test.execute(controlledStage(false))).toMatchObject({
      cacheKey: key,
      reasons: ['controlled: look after step 3'],
    });
    expect(await test.execute(undisturbed, 'elsewhere')).toMatchObject({ reused: true });
  });

  it('is told to the next attempt with its step, which is given no output of somebody who did not ask', async () => {
    await using test = await testServices();
    const runs: (readonly AppliedControl[])[] = [];
    test.ask('a', { factor: 0.5 });
    const failing = implement(count, async (_, { controls }) => {
      const recorded = Promise.withResolvers<unknown>();
      controls.onRequest((request) =>
        recorded.resolve(controls.record({ ...request, step: 3, changesResult: true })),
      );
      await recorded.promise;
      throw new Error('The worker is lost.');
    });
    await expect(test.execute(failing)).rejects.toThrow('The worker is lost.');
    await test.execute(undisturbed, 'elsewhere');
    const again = await test.execute(controlledStage(true, runs));
    expect(again).toMatchObject({ output: { reached: 3 }, reused: false });
    expect(runs).toEqual([[{ id: 'a', action: { factor: 0.5 }, step: 3, changesResult: true }]]);
    expect(await test.execute(controlledStage(true, runs))).toMatchObject({
      output: { reached: 3 },
      reused: true,
      cacheKey: again.cacheKey,
    });
  });

  it('ends an attempt that has lost its lease: nothing takes effect there', async () => {
    await using test = await testServices();
    test.ask('a', 'stop');
    const superseded = implement(count, async (_, { controls }) => {
      expect(await test.services.registry.claimStage({ ...claim, attempt: 2 })).toMatchObject({
        kind: 'leased',
      });
      await controls.record({ id: 'a', action: 'stop', step: 3, changesResult: true });
      return { reached: 3 };
    });
    const failure = await test.execute(superseded).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STAGE_SUPERSEDED', retryable: true });
    expect((await test.services.registry.controlsOf(run, 'node')).map(({ applied }) => applied)).toEqual([
      null,
    ]);
  });

  it('is asked again of a registry that is away', async () => {
    await using test = await testServices();
    let calls = 0;
    const { registry } = test.services;
    const away: typeof registry.controlsOf = async (...of) => {
      if (calls++ > 1 && calls < 5)
        throw new AppError('REGISTRY_UNAVAILABLE', 'The database must answer.', { retryable: true });
      return registry.controlsOf(...of);
    };
    const running = executeStage(controlledStage(true), test.request({ to: 5 }), {
      ...test,
      services: { ...test.services, registry: { ...registry, controlsOf: away } },
    });
    test.ask('a', 'stop');
    expect(await running).toMatchObject({ output: { reached: 3 } });
  });

  it('is said by a plan as what the earlier execution differs in', async () => {
    await using test = await testServices();
    test.ask('a', 'stop', 'count');
    await test.execute(controlledStage(true), 'count');
    const { plan } = pipeline('counting', z.strictObject({}), (_, call) => ({
      reached: call(count, { to: 5 }).reached,
    }));
    const [outlook] = await planReuse(plan({}), [undisturbed] as StageImplementation[], {
      services: test.services,
      signal: test.attempt.signal,
    });
    expect(outlook).toMatchObject({
      verdict: 'RUN',
      reasons: ['controls: [{"action":"stop","step":3}] → nothing'],
    });
  });
});
