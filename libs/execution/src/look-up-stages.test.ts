import { artifact } from '@overture/protocol';
import { AppError, type RunId } from '@overture/core';
import { defineStage, isTrue, not, pipeline, Schedule, type Pipeline } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executeStage } from './execute-stage.ts';
import { implement, type StageImplementation } from './implement.ts';
import { lookUpStages } from './look-up-stages.ts';
import { testServices as servicesOf, type TestServices } from './testing/services.ts';

async function testServices(): Promise<Test> {
  const test = await servicesOf(() => undefined);
  await test.services.registry.startRun({ run: later, workflowId: 'later', pipeline: 'test', input: {} });
  return test;
}
const later = 'later/1' as RunId;
type Test = TestServices<undefined>;

const common = { version: 1, summary: 'For the test.', queue: 'light' } as const;
const split = defineStage({
  ...common,
  name: 'split',
  input: z.strictObject({ text: z.string() }),
  output: z.object({ words: z.array(z.object({ word: z.string() })), many: z.boolean() }),
});
const shout = defineStage({
  ...common,
  name: 'shout',
  input: z.strictObject({ word: z.string(), mark: z.string().default('!') }),
  output: z.object({ shouted: artifact('text') }),
});
const count = defineStage({
  ...common,
  name: 'count',
  environment: ['onnxruntime'],
  input: z.strictObject({ of: z.array(artifact('text')), label: z.string() }),
  output: z.object({ n: z.int() }),
});

const splitting = implement(split, async ({ text }) => ({
  words: text.split(' ').map((word) => ({ word })),
  many: text.length > 3,
}));
const shouting = implement(shout, async ({ word, mark }, { artifacts }) => ({
  shouted: await artifacts.put('text', new TextEncoder().encode(word.toUpperCase() + mark)),
}));
const counting = implement(count, async ({ of }) => ({ n: of.length }));
const all = [splitting, shouting, counting] as const;

/** A map, two opposite conditions, and a stage after them. */
const loud = pipeline('loud', z.strictObject({ text: z.string() }), ({ text }, run) => {
  const { words, many } = run(split, { text });
  const shouted = run.each(words, shout, { wire: ({ word }) => ({ word }), atMost: 2 });
  run(count, { of: [], label: 'few' }, { as: 'few', when: not(isTrue(many)) });
  run(count, { of: shouted.shouted, label: 'many' }, { as: 'many', when: isTrue(many) });
  return run(count, { of: shouted.shouted, label: 'all' });
});

/** Runs a plan as an interpreter would, with a separate activity for each stage. */
async function runAll(
  flow: Pick<Pipeline, 'prepare'>,
  input: unknown,
  test: Test,
  stages: readonly StageImplementation[] = all,
): Promise<{ order: string[]; result: unknown }> {
  const schedule = new Schedule(flow.prepare(input), { onStageFailure: 'fail' });
  const order: string[] = [];
  const open = schedule.start();
  for (let task = open.shift(); task !== undefined; task = open.shift()) {
    if (task.kind !== 'call' || task.call.kind !== 'stage') throw new Error(task.id);
    const { stage } = task.call;
    order.push(task.id);
    const { output } = await executeStage(
      stages.find(({ contract }) => contract.name === stage)!,
      test.request(task.input, task.id),
      test,
    );
    open.push(...schedule.done(task.id, output));
  }
  return { order, result: schedule.result() };
}

async function lookUp(
  flow: Pick<Pipeline, 'prepare'>,
  input: unknown,
  test: Test,
  {
    stages = all,
    ...more
  }: {
    stages?: readonly StageImplementation[];
    maxBytes?: number;
    forMs?: number;
    signal?: AbortSignal;
    events?: Schedule['events'];
    asked?: readonly string[];
  } = {},
) {
  const { plan } = flow.prepare(input);
  const schedule = new Schedule(
    { plan, contracts: new Map(), pipelines: new Map() },
    { onStageFailure: 'fail' },
  );
  const asked = more.asked ?? schedule.start().map(({ id }) => id);
  return lookUpStages(
    { run: later, plan, onStageFailure: 'fail', events: more.events ?? [], asked },
    stages,
    {
      services: test.services,
      signal: more.signal ?? new AbortController().signal,
      activityId: '7',
      maxBytes: more.maxBytes,
      forMs: more.forMs ?? 60_000,
    },
  );
}

const ids = ({ known }: { known: readonly { id: string }[] }): string[] => known.map(({ id }) => id);

describe('lookUpStages', () => {
  it('finds every stage of a finished run at once, through a map and conditions, and records it as reused', async () => {
    await using test = await testServices();
    const { order } = await runAll(loud, { text: 'one two three' }, test);
    const { executions } = test.services.registry;
    const before = executions.length;
    const answer = await lookUp(loud, { text: 'one two three' }, test);
    expect(ids(answer).sort()).toEqual([...order].sort());
    expect(answer.more).toBe(false);
    for (const { id, outcome } of answer.known) {
      const ran = executions.find(({ node }) => node === id)!;
      expect(outcome).toMatchObject({
        reused: true,
        cacheKey: ran.cacheKey,
        output: (ran.outcome as { outputs: unknown }).outputs,
      });
      expect(executions.slice(before).find(({ node }) => node === id)).toMatchObject({
        run: 'later/1',
        stage: ran.stage,
        version: 1,
        cacheKey: ran.cacheKey,
        input: ran.input,
        environment: ran.environment,
        activityId: '7',
        outcome: { state: 'reused', from: (await test.services.registry.findReusable(ran.cacheKey!))!.id },
      });
    }
    expect(answer.known.find(({ id }) => id === 'shout[1]')?.outcome.artifacts).toMatchObject([
      { kind: 'text', bytes: 4 },
    ]);
    // An interpreter can apply them in this order.
    const schedule = new Schedule(loud.prepare({ text: 'one two three' }), { onStageFailure: 'fail' });
    const ready = new Set(schedule.start().map(({ id }) => id));
    for (const { id, outcome } of answer.known) {
      expect(ready.has(id), id).toBe(true);
      for (const task of schedule.done(id, outcome.output)) ready.add(task.id);
    }
    expect(schedule.result()).toEqual({ n: 3 });
  });

  it('finds what is in front of a change, and what does not depend on it', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const answer = await lookUp(loud, { text: 'one two more' }, test);
    expect(ids(answer)).toEqual([]);
    // The changed stage ran. The look-up for its dependents includes the events so far.
    const output = { words: [{ word: 'one' }, { word: 'two' }, { word: 'more' }], many: true };
    const after = await lookUp(loud, { text: 'one two more' }, test, {
      events: [{ kind: 'done', id: 'split', output }],
      asked: ['shout[0]', 'shout[1]'],
    });
    expect(ids(after)).toEqual(['shout[0]', 'shout[1]']);
  });

  it('looks for what was asked for and what follows from it, and nothing else', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const output = { words: [{ word: 'one' }, { word: 'two' }, { word: 'three' }], many: true };
    const answer = await lookUp(loud, { text: 'one two three' }, test, {
      events: [{ kind: 'done', id: 'split', output }],
      asked: ['shout[1]'],
    });
    expect(ids(answer)).toEqual(['shout[1]', 'shout[2]']);
  });

  it('finds nothing of what has no implementation on this worker, and what follows from it', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    expect(
      ids(await lookUp(loud, { text: 'one two three' }, test, { stages: [splitting, counting] })),
    ).toEqual(['split']);
  });

  it('does not reuse what was computed in another environment', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const other = { ...test, services: { ...test.services, environment: { onnxruntime: 'another' } } };
    expect(ids(await lookUp(loud, { text: 'one two three' }, other)).sort()).toEqual([
      'shout[0]',
      'shout[1]',
      'shout[2]',
      'split',
    ]);
  });

  it.each([
    [
      'a stage of another version',
      (node: StageImplementation) => ({ ...node, contract: { ...node.contract, version: 2 } }),
    ],
    [
      'a stage that runs each time',
      (node: StageImplementation) => ({ ...node, contract: { ...node.contract, reusable: false } }),
    ],
    [
      'a stage that may be controlled',
      (node: StageImplementation) => ({
        ...node,
        contract: { ...node.contract, control: { action: z.literal('stop'), examples: ['stop'] } },
      }),
    ],
    [
      'a stage whose fingerprint differs',
      (node: StageImplementation) => ({ ...node, fingerprint: async () => 'other bytes' }),
    ],
    [
      'a stage whose fingerprint cannot be had',
      (node: StageImplementation) => ({
        ...node,
        fingerprint: () => Promise.reject(new AppError('CORPUS_MISSING', 'It is gone.')),
      }),
    ],
  ])('leaves %s to its own activity', async (_what, changed) => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    expect(
      ids(
        await lookUp(loud, { text: 'one two three' }, test, {
          stages: [splitting, changed(shouting as StageImplementation), counting],
        }),
      ),
    ).toEqual(['split']);
  });

  it('leaves a stage whose artifact is lost to its own activity', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const { artifacts } = test.services;
    const lost = new AppError('ARTIFACT_MISSING', 'It is gone.');
    const services = {
      ...test.services,
      artifacts: {
        ...artifacts,
        verify: async (ref: Parameters<typeof artifacts.verify>[0]) =>
          ref.bytes === 'TWO!'.length && new TextDecoder().decode(await artifacts.readBytes(ref)) === 'TWO!'
            ? Promise.reject(lost)
            : artifacts.verify(ref),
      },
    };
    expect(ids(await lookUp(loud, { text: 'one two three' }, { ...test, services })).sort()).toEqual([
      'shout[0]',
      'shout[2]',
      'split',
    ]);
  });

  it('leaves what a person wants to run anew, and what has a wrong input', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const forced = {
      prepare: (input: unknown) => {
        const prepared = loud.prepare(input);
        return {
          ...prepared,
          plan: {
            ...prepared.plan,
            nodes: prepared.plan.nodes.map((node) =>
              node.id === 'count' ? { ...node, reuse: { kind: 'never' as const } } : node,
            ),
          },
        };
      },
    };
    expect(ids(await lookUp(forced, { text: 'one two three' }, test))).not.toContain('count');
    const output = { words: [{ word: 5 }, { word: 'two' }], many: true };
    expect(
      ids(
        await lookUp(loud, { text: 'one two three' }, test, {
          events: [{ kind: 'done', id: 'split', output }],
          asked: ['shout[0]', 'shout[1]'],
        }),
      ),
    ).toEqual(['shout[1]']);
  });

  it('answers in pages that Temporal carries, at least one task each', async () => {
    await using test = await testServices();
    const { order } = await runAll(loud, { text: 'one two three' }, test);
    const events: { kind: 'done'; id: string; output: unknown }[] = [];
    let asked = ['split'];
    let pages = 0;
    for (let more = true; more; pages++) {
      const answer = await lookUp(loud, { text: 'one two three' }, test, {
        events: [...events],
        asked,
        maxBytes: 600,
      });
      expect(answer.known.length).toBeGreaterThan(0);
      events.push(
        ...answer.known.map(({ id, outcome }) => ({ kind: 'done' as const, id, output: outcome.output })),
      );
      ({ more } = answer);
      const schedule = new Schedule(loud.prepare({ text: 'one two three' }), { onStageFailure: 'fail' });
      asked = schedule.resume(events).map(({ id }) => id);
    }
    expect(pages).toBeGreaterThan(2);
    expect(events.map(({ id }) => id).sort()).toEqual([...order].sort());
  });

  it('keeps the output that an interrupted look-up recorded, and looks up again what follows from it', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const stands = { words: [{ word: 'one' }], many: false };
    const { registry } = test.services;
    const recordStageExecution: typeof registry.recordStageExecution = async (execution, options) =>
      execution.node === 'split'
        ? { id: 'earlier', recorded: false, outputs: stands }
        : registry.recordStageExecution(execution, options);
    const answer = await lookUp(
      loud,
      { text: 'one two three' },
      { ...test, services: { ...test.services, registry: { ...registry, recordStageExecution } } },
    );
    expect(answer).toMatchObject({ known: [{ id: 'split', outcome: { output: stands } }], more: true });
  });

  it('leaves what takes long to its own activity', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const started = Promise.withResolvers<void>();
    const slow = {
      ...(shouting as StageImplementation),
      fingerprint: () => new Promise<never>(() => started.resolve()),
    };
    const answer = await lookUp(loud, { text: 'one two three' }, test, {
      stages: [splitting, slow, counting],
      forMs: 300,
    });
    await started.promise;
    expect(answer).toMatchObject({ known: [{ id: 'split' }], more: false });
    const { artifacts } = test.services;
    const services = {
      ...test.services,
      artifacts: { ...artifacts, verify: () => new Promise<never>(() => undefined) },
    };
    expect(
      await lookUp(loud, { text: 'one two three' }, { ...test, services }, { forMs: 300 }),
    ).toMatchObject({ known: [{ id: 'split' }], more: false });
  });

  it('says that there is more when its time is over', async () => {
    await using test = await testServices();
    await runAll(loud, { text: 'one two three' }, test);
    const { registry } = test.services;
    let now = 0;
    const findReusable: typeof registry.findReusable = (key) => {
      now += 700;
      return registry.findReusable(key);
    };
    const answer = await lookUp(
      loud,
      { text: 'one two three' },
      { ...test, services: { ...test.services, now: () => now, registry: { ...registry, findReusable } } },
      { forMs: 600 },
    );
    expect(answer).toMatchObject({ known: [{ id: 'split' }], more: true });
  });

  it('stops when the run is canceled, and says when the registry cannot be reached', async () => {
    await using test = await testServices();
    await expect(
      lookUp(loud, { text: 'one' }, test, { signal: AbortSignal.abort(new Error('cancelled')) }),
    ).rejects.toThrow('cancelled');
    const away = new AppError('REGISTRY_UNAVAILABLE', 'It is away.', { retryable: true });
    const services = {
      ...test.services,
      registry: { ...test.services.registry, findReusable: () => Promise.reject(away) },
    };
    await expect(lookUp(loud, { text: 'one' }, { ...test, services })).rejects.toBe(away);
  });
});
