import { artifact } from '@overture/protocol';
import { AppError } from '@overture/core';
import { cacheKey, defineStage } from '@overture/dag';
import type { StageClaim } from '@overture/registry';
import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executeStage } from './execute-stage.ts';
import { implement } from './implement.ts';
import { run, testServices as servicesOf } from './testing/services.ts';

const testServices = () => servicesOf(() => undefined);

const shout = defineStage({
  name: 'shout',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  input: z.strictObject({ text: z.string(), times: z.int().min(1).default(1) }),
  output: z.object({ shouted: artifact('text'), length: z.int() }),
});

function shouting(options: { fingerprint?: () => string; fail?: Error } = {}) {
  let runs = 0;
  const stage = implement(
    shout,
    async ({ text, times }, { artifacts, workDir, heartbeat, metrics }) => {
      runs++;
      if (options.fail) throw options.fail;
      expect(await readdir(workDir)).toEqual([]);
      heartbeat({ done: 1, total: 1 });
      metrics([{ name: 'length', value: text.length, scope: 'valid' }]);
      return {
        shouted: await artifacts.put('text', new TextEncoder().encode(text.toUpperCase().repeat(times))),
        length: text.length,
      };
    },
    options.fingerprint ? { fingerprint: async () => options.fingerprint?.() ?? null } : {},
  );
  return { stage, runs: () => runs };
}

describe('executeStage', () => {
  it('runs a stage once for equal inputs, and records both executions with their outputs', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const first = await executeStage(stage, test.request({ text: 'hey' }, 'first'), test);
    const second = await executeStage(stage, test.request({ times: 1, text: 'hey' }, 'second'), test);
    expect(first).toMatchObject({
      reused: false,
      output: { length: 3 },
      artifacts: [{ kind: 'text', bytes: 3 }],
    });
    expect(second).toEqual({ ...first, reused: true });
    expect(runs()).toBe(1);
    expect(test.heartbeats).toEqual([{ stage: 'shout', done: 1, total: 1 }]);
    expect(test.services.registry.executions).toMatchObject([
      {
        node: 'first',
        stage: 'shout',
        version: 1,
        input: { text: 'hey', times: 1 },
        metrics: [{ name: 'length', value: 3 }],
        outcome: { state: 'ran' },
      },
      {
        node: 'second',
        cacheKey: first.cacheKey,
        metrics: [],
        outcome: { state: 'reused', from: (await test.services.registry.findReusable(first.cacheKey))!.id },
      },
    ]);
    expect(await readdir(`${test.services.stateDir}/work`)).toEqual([]);
  });

  it('runs each time what its contract says not to reuse', async () => {
    await using test = await testServices();
    let asked = 0;
    const look = implement(
      defineStage({ ...shout, name: 'look', reusable: false }),
      async (_input, { artifacts }) => ({
        shouted: await artifacts.put('text', new Uint8Array()),
        length: ++asked,
      }),
    );
    await executeStage(look, test.request({ text: 'hey' }, 'first'), test);
    expect(await executeStage(look, test.request({ text: 'hey' }, 'second'), test)).toMatchObject({
      reused: false,
      output: { length: 2 },
      reasons: ['it looks or acts outside, so it runs each time'],
    });
  });

  it('runs anew when the input, the version or the fingerprint differ', async () => {
    await using test = await testServices();
    let content = 'a';
    const { stage, runs } = shouting({ fingerprint: () => content });
    await executeStage(stage, test.request({ text: 'hey' }), test);
    await executeStage(stage, test.request({ text: 'ho' }), test);
    content = 'b';
    await executeStage(stage, test.request({ text: 'hey' }), test);
    await executeStage({ ...stage, contract: { ...shout, version: 2 } }, test.request({ text: 'hey' }), test);
    expect(runs()).toBe(4);
  });

  it('runs anew, and says so, when an artifact of the earlier output is lost', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const { output } = await executeStage(stage, test.request({ text: 'hey' }), test);
    await using other = await testServices();
    const services = { ...test.services, artifacts: other.services.artifacts };
    const again = await executeStage(stage, test.request({ text: 'hey' }), { ...test, services });
    expect(again).toMatchObject({ reused: false, output });
    expect(runs()).toBe(2);
    expect(test.warnings).toMatchObject([{ stage: 'shout', kind: 'text' }]);
  });

  it('refuses a wrong input with every key at fault, and records the failure', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const failure = executeStage(stage, test.request({ text: 7, times: 0, tiems: 1 }), test);
    await expect(failure).rejects.toThrow(
      'The input of stage shout is wrong. text must be text. Got 7 instead. times must be at least 1. Got 0 instead. tiems is not a known key. Did you mean "times"? Known here: text, times.',
    );
    expect(runs()).toBe(0);
    expect(test.services.registry.executions).toMatchObject([
      { cacheKey: null, outcome: { state: 'failed', error: { code: 'INPUT_INVALID' } } },
    ]);
  });

  it('records the failure of an implementation, leaves no folder and never reuses it', async () => {
    await using test = await testServices();
    const fail = new AppError('CORPUS_EMPTY', 'The file must hold dialogues.');
    await expect(executeStage(shouting({ fail }).stage, test.request({ text: 'hey' }), test)).rejects.toBe(
      fail,
    );
    expect(await readdir(`${test.services.stateDir}/work`)).toEqual([]);
    expect(await executeStage(shouting().stage, test.request({ text: 'hey' }), test)).toMatchObject({
      reused: false,
    });
  });

  it('waits for a registry that is away, and runs once all the same', async () => {
    await using test = await testServices();
    const { registry } = test.services;
    let away = 2;
    const orAway = async <T>(answer: () => Promise<T>): Promise<T> => {
      if (away-- > 0)
        throw new AppError('REGISTRY_UNAVAILABLE', 'The database must answer.', { retryable: true });
      away = 2;
      return answer();
    };
    const flaky = {
      ...registry,
      claimStage: (claim: Parameters<typeof registry.claimStage>[0]) =>
        orAway(() => registry.claimStage(claim)),
      recordStageExecution: (execution: Parameters<typeof registry.recordStageExecution>[0]) =>
        orAway(() => registry.recordStageExecution(execution)),
    };
    const { stage, runs } = shouting();
    expect(
      await executeStage(stage, test.request({ text: 'hey' }), {
        ...test,
        services: { ...test.services, registry: flaky },
      }),
    ).toMatchObject({ reused: false, output: { length: 3 } });
    expect(runs()).toBe(1);
    expect(registry.executions).toMatchObject([{ outcome: { state: 'ran' } }]);
    await expect(
      executeStage(stage, test.request({ text: 'ho' }), {
        ...test,
        services: { ...test.services, registry: flaky, registryRetryMs: 0 },
      }),
    ).rejects.toThrow('The database must answer.');
  });

  it('lets its record wait for those of the other stages where many run at once', async () => {
    await using test = await testServices();
    const { registry } = test.services;
    const waits: unknown[] = [];
    const noting: typeof registry = {
      ...registry,
      recordStageExecution: (execution, options) => (
        waits.push(options),
        registry.recordStageExecution(execution)
      ),
    };
    for (const [text, together] of [
      ['alone', undefined],
      ['ten', 10],
      ['many', 1000],
    ] as const) {
      await executeStage(
        shouting().stage,
        { ...test.request({ text }), together },
        {
          attempt: { ...test.attempt, executing: () => 8 },
          services: { ...test.services, registry: noting },
        },
      );
    }
    expect(waits).toEqual([undefined, undefined, { withinMs: 40, expected: 8 }]);
  });

  it('refuses an output that the contract does not allow', async () => {
    await using test = await testServices();
    const wrong = implement(shout, async () => ({ shouted: { kind: 'corpus' } as never, length: 1 }));
    await expect(executeStage(wrong, test.request({ text: 'hey' }), test)).rejects.toThrow(
      'Stage shout returned an output that its contract does not allow. shouted.kind must be "text". Got "corpus" instead. shouted.digest is missing: it must be text.',
    );
  });

  it('says what of the key differs from the execution before, and why else it runs', async () => {
    await using test = await testServices();
    const { stage } = shouting();
    expect((await executeStage(stage, test.request({ text: 'hey' }), test)).reasons).toBeUndefined();
    expect((await executeStage(stage, test.request({ text: 'ho', times: 2 }), test)).reasons).toEqual([
      'text: hey → ho',
      'times: 1 → 2',
    ]);
    const forced = await executeStage(
      stage,
      { ...test.request({ text: 'ho', times: 2 }), reuse: { kind: 'never' } },
      test,
    );
    expect(forced).toMatchObject({ reused: false, reasons: ['asked to run anew'] });
    await using other = await testServices();
    const again = await executeStage(stage, test.request({ text: 'hey' }), {
      ...test,
      services: { ...test.services, artifacts: other.services.artifacts },
    });
    expect(again.reasons).toEqual([
      expect.stringMatching(/^its earlier output text [0-9a-f]{12} is lost or altered$/),
    ]);
  });

  it('runs anew when a declared part of the environment differs', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting();
    const declared = { ...stage, contract: { ...shout, environment: ['runtime'] } };
    const on = (runtime: string) =>
      executeStage(declared, test.request({ text: 'hey' }), {
        ...test,
        services: { ...test.services, environment: { runtime, node: `${runs()}` } },
      });
    await on('1.26.0');
    expect(await on('1.26.0')).toMatchObject({ reused: true });
    expect(await on('1.27.0')).toMatchObject({
      reused: false,
      reasons: ['environment runtime: 1.26.0 → 1.27.0'],
    });
    await expect(executeStage(declared, test.request({ text: 'hey' }), test)).rejects.toThrow(
      'Stage shout depends on runtime, which this worker must know.',
    );
  });

  it('takes the output of a named run, whatever the input is now, and says so when it cannot', async () => {
    await using test = await testServices();
    const { stage, runs } = shouting({
      fingerprint: () => {
        throw new Error('The file is gone.');
      },
    });
    const first = await executeStage(shouting().stage, test.request({ text: 'hey' }), test);
    const from = (node: string) =>
      executeStage(
        stage,
        { ...test.request({ text: 'other' }, node), reuse: { kind: 'from', run: test.attempt.run } },
        test,
      );
    expect(await from('node')).toMatchObject({
      reused: true,
      output: first.output,
      cacheKey: first.cacheKey,
    });
    expect(test.services.registry.executions.at(-1)).toMatchObject({
      input: { text: 'other' },
      outcome: { state: 'reused', from: (await test.services.registry.findReusable(first.cacheKey))!.id },
    });
    await expect(from('elsewhere')).rejects.toThrow(
      'Stage elsewhere is to be taken from run workflow/run: it must have succeeded there, and did not.',
    );
    expect(runs()).toBe(0);
  });

  it.each([
    [2, 'This worker is older than the workflow: start the workers of the new release.'],
    [0, 'This worker is newer than the plan'],
  ])('refuses what was planned for version %i', async (version, words) => {
    await using test = await testServices();
    const refused = executeStage(shouting().stage, { ...test.request({ text: 'hey' }), version }, test);
    await expect(refused).rejects.toThrow(
      `Stage shout was planned for version ${version}; this worker has version 1. ${words}`,
    );
    await expect(refused).rejects.toMatchObject({ code: 'STAGE_VERSION', retryable: true });
  });
});

describe('single flight', () => {
  const claimOf = (node: string): StageClaim => ({
    run,
    node,
    stage: 'shout',
    cacheKey: cacheKey({ stage: 'shout', version: 1, input: { text: 'hey', times: 1 } }),
    activityId: '1',
    attempt: 1,
    reuse: false,
    leaseMs: 60_000,
  });

  /** A stage that ends when the test tells it to. */
  function slow() {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    let started = 0;
    const stage = implement(shout, async ({ text }, { artifacts, signal }) => {
      started++;
      await Promise.race([
        ended,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
      ]);
      return { shouted: await artifacts.put('text', new TextEncoder().encode(text)), length: 1 };
    });
    return { stage, end, started: () => started };
  }

  it('computes once what several ask for at one time; the others wait, and say for whom', async () => {
    await using test = await testServices();
    const { stage, end, started } = slow();
    const all = ['a', 'b', 'c'].map((node) => executeStage(stage, test.request({ text: 'hey' }, node), test));
    await expect.poll(() => test.heartbeats.length).toBeGreaterThan(2);
    expect(test.heartbeats[0]).toEqual({
      stage: 'shout',
      message: 'waiting for workflow/run, which computes the same',
    });
    end();
    expect((await Promise.all(all)).map(({ reused }) => reused).sort()).toEqual([false, true, true]);
    expect(started()).toBe(1);
    expect(await test.services.registry.claimStage(claimOf('later'))).toMatchObject({
      kind: 'leased',
      contended: false,
    });
  });

  it('passes the work on when the first fails or is stopped', async () => {
    await using test = await testServices();
    const stopping = new AbortController();
    const { stage, end, started } = slow();
    const first = executeStage(stage, test.request({ text: 'hey' }, 'a'), {
      ...test,
      attempt: { ...test.attempt, signal: stopping.signal },
    }).catch((error: Error) => error.message);
    await expect.poll(started).toBe(1);
    const second = executeStage(stage, test.request({ text: 'hey' }, 'b'), test);
    stopping.abort();
    expect(await first).toBe('stopped');
    await expect.poll(started).toBe(2);
    end();
    expect(await second).toMatchObject({ reused: false });
    expect(await test.services.registry.claimStage(claimOf('later'))).toMatchObject({
      kind: 'leased',
      contended: false,
    });
  });

  it('stops an attempt whose lease another has taken over, and records nothing that it made', async () => {
    await using test = await testServices();
    const { stage, started } = slow();
    const services = { ...test.services, leaseMs: 30 };
    const silent = executeStage(stage, test.request({ text: 'hey' }), { ...test, services }).catch(
      (error: AppError) => error,
    );
    await expect.poll(started).toBe(1);
    expect(await test.services.registry.claimStage({ ...claimOf('node'), attempt: 2 })).toMatchObject({
      kind: 'leased',
    });
    expect(await silent).toMatchObject({
      code: 'STAGE_SUPERSEDED',
      retryable: true,
      message: expect.stringContaining('another has taken the work over'),
    });
    expect(test.services.registry.executions.map(({ outcome }) => outcome.state)).toEqual(['failed']);
    expect(await test.services.registry.claimStage(claimOf('later'))).toMatchObject({
      kind: 'held',
      by: { node: 'node' },
    });
  });

  it('leaves the waiting when it is told to stop', async () => {
    await using test = await testServices();
    const { stage, end } = slow();
    const first = executeStage(stage, test.request({ text: 'hey' }, 'a'), test);
    const stopping = new AbortController();
    const second = executeStage(stage, test.request({ text: 'hey' }, 'b'), {
      ...test,
      attempt: { ...test.attempt, signal: stopping.signal },
    });
    await expect.poll(() => test.heartbeats.length).toBeGreaterThan(0);
    stopping.abort();
    await expect(second).rejects.toThrow('aborted');
    end();
    await first;
  });
});
