import { artifact } from '@overture/protocol';
import { defineStage, pipeline, reuseRule } from '@overture/dag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { executeStage } from './execute-stage.ts';
import { implement, type StageImplementation } from './implement.ts';
import { planReuse } from './plan-reuse.ts';
import { testServices as servicesOf } from './testing/services.ts';
import { resolveBinding, type StageNode } from '@overture/dag';

const testServices = () => servicesOf(() => undefined);

const read = defineStage({
  name: 'read',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  input: z.strictObject({ uri: z.string() }),
  output: z.object({ text: artifact('text') }),
});
const fit = defineStage({
  name: 'fit',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  environment: ['runtime'],
  input: z.strictObject({ text: artifact('text'), epochs: z.int() }),
  output: z.object({ model: artifact('model') }),
});
const score = defineStage({
  name: 'score',
  version: 1,
  summary: 'For the test.',
  queue: 'light',
  input: z.strictObject({ model: artifact('model') }),
  output: z.object({ f1: z.number() }),
});

const study = pipeline(
  'study',
  z.strictObject({
    uri: z.string().default('here'),
    epochs: z.int().default(2),
    reuse: reuseRule.prefault({}),
  }),
  ({ uri, epochs }, run) => {
    const { text } = run(read, { uri });
    const { model } = run(fit, { text, epochs });
    return { f1: run(score, { model }).f1 };
  },
  { reuse: ({ reuse }) => reuse },
);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
let content = 'one';
const stages: StageImplementation[] = [
  implement(read, async (_, { artifacts }) => ({ text: await artifacts.put('text', bytes(content)) }), {
    fingerprint: async () => ({ sha256: content }),
  }),
  implement(fit, async ({ epochs }, { artifacts }) => ({
    model: await artifacts.put('model', bytes(`${content} ${epochs}`)),
  })),
  implement(score, async () => ({ f1: 0.5 })),
] as StageImplementation[];

/** Services with a history: the study has run once. */
async function afterOneRun() {
  const test = await testServices();
  const services = { ...test.services, environment: { runtime: '1' } };
  const outputs = new Map<string, unknown>();
  for (const node of study.plan({}).nodes as readonly StageNode[]) {
    const stage = stages.find(({ contract }) => contract.name === node.stage) as StageImplementation;
    outputs.set(
      node.id,
      (
        await executeStage(stage, test.request(resolveBinding(node.input, outputs), node.id), {
          ...test,
          services,
        })
      ).output,
    );
  }
  const outlook = (input: unknown, changes: object = {}) =>
    planReuse(study.plan(input), stages, {
      services: { ...services, ...changes },
      signal: test.attempt.signal,
    });
  return { ...test, services, outlook };
}

const said = (outlooks: Awaited<ReturnType<typeof planReuse>>): unknown[] =>
  outlooks.map((each) =>
    each.verdict === 'RUN'
      ? [each.verdict, ...each.reasons]
      : each.verdict === 'UNKNOWN'
        ? [each.verdict, ...each.until]
        : [each.verdict],
  );

describe('planReuse', () => {
  it('knows nothing before the first run, and all of it after', async () => {
    await using empty = await testServices();
    const first = await planReuse(study.plan({}), stages, {
      services: { ...empty.services, environment: { runtime: '1' } },
      signal: empty.attempt.signal,
    });
    expect(said(first)).toEqual([
      ['RUN', 'it never ran before'],
      ['UNKNOWN', 'read'],
      ['UNKNOWN', 'read'],
    ]);
    await using test = await afterOneRun();
    const again = await test.outlook({});
    expect(said(again)).toEqual([['REUSE'], ['REUSE'], ['REUSE']]);
    expect(again[1]).toMatchObject({ from: { run: test.attempt.run, node: 'fit' } });
  });

  it.each([
    ['an input', { epochs: 3 }, {}, [['REUSE'], ['RUN', 'epochs: 2 → 3'], ['UNKNOWN', 'fit']]],
    [
      'the environment',
      {},
      { environment: { runtime: '2' } },
      [['REUSE'], ['RUN', 'environment runtime: 1 → 2'], ['UNKNOWN', 'fit']],
    ],
    [
      'a control request',
      { reuse: { force: ['fit'] } },
      {},
      [['REUSE'], ['RUN', 'asked to run anew'], ['UNKNOWN', 'fit']],
    ],
    [
      'no cache',
      { reuse: { cache: false } },
      {},
      [
        ['RUN', 'asked to run anew'],
        ['RUN', 'asked to run anew'],
        ['RUN', 'asked to run anew'],
      ],
    ],
    [
      'a run to go on from',
      { uri: 'gone', reuse: { from: { run: 'workflow/run', stage: 'score' } } },
      {},
      [['REUSE'], ['REUSE'], ['RUN', 'asked to run anew']],
    ],
    [
      'what cannot be',
      {},
      { environment: {} },
      [
        ['REUSE'],
        ['RUN', expect.stringMatching(/^would fail as things are: Stage fit depends on runtime/)],
        ['UNKNOWN', 'fit'],
      ],
    ],
  ])('says what %s changes', async (_, input, changes, expected) => {
    await using test = await afterOneRun();
    expect(said(await test.outlook(input, changes))).toEqual(expected);
  });

  it('compares with the nearest of the earlier executions', async () => {
    await using test = await afterOneRun();
    content = 'two';
    const [read2] = await test.outlook({ uri: 'there' });
    content = 'one';
    expect(read2).toMatchObject({
      verdict: 'RUN',
      reasons: ['uri: here → there', 'fingerprint sha256: one → two'],
      changes: [{ component: 'input', path: ['uri'] }, { component: 'fingerprint' }],
      against: { run: test.attempt.run },
    });
  });

  it('notices an artifact that is gone, and a contract whose version went back', async () => {
    await using test = await afterOneRun();
    await using other = await testServices();
    expect(said(await test.outlook({}, { artifacts: other.services.artifacts }))[0]).toEqual([
      'RUN',
      expect.stringContaining('is lost or altered'),
    ]);
    const newer = { ...stages[0]!, contract: { ...read, version: 2 } };
    await executeStage(newer, other.request({ uri: 'here' }, 'read'), other);
    expect(said(await test.outlook({}, { registry: other.services.registry }))[0]).toEqual([
      'RUN',
      'version: 2 → 1',
      'version 1 is older than the one that ran before: is this an older release?',
    ]);
  });
});
