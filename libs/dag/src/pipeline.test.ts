import type { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkPlan } from './check-plan.ts';
import { isTrue } from './conditions.ts';
import { pipeline } from './pipeline.ts';
import type { Plan, PlanNode, StageNode } from './plan.ts';
import { planToMermaid, printPlan } from './print-plan.ts';
import { resolveBinding } from './resolve-binding.ts';
import { conformancePipelines } from './testing/conformance.ts';
import { defineStage } from './stage-contract.ts';

const artifact = <const K extends string>(kind: K) => z.object({ kind: z.literal(kind), digest: z.string() });
const common = { version: 1, summary: 'For the test.', queue: 'light' } as const;
const read = defineStage({
  ...common,
  name: 'read',
  input: z.strictObject({ uri: z.string().min(1) }),
  output: z.object({ text: artifact('text'), size: z.object({ lines: z.int() }) }),
});
const count = defineStage({
  ...common,
  name: 'count',
  queue: 'heavy',
  input: z.strictObject({
    text: artifact('text'),
    least: z.int().min(1).default(1),
    label: z.string().optional(),
  }),
  output: z.object({ counts: artifact('counts') }),
});
const join = defineStage({
  ...common,
  name: 'join',
  version: 3,
  input: z.strictObject({ parts: z.array(artifact('counts')), lines: z.int() }),
  output: z.object({ table: artifact('table') }),
});

const share = defineStage({
  ...common,
  name: 'share',
  input: z.strictObject({ lines: z.int() }),
  output: z.object({ by: z.partialRecord(z.enum(['left', 'right']), z.boolean()) }),
});

const Input = z.strictObject({ uri: z.string().default('sample'), least: z.int().default(2) });
const wordCount = pipeline('wordCount', Input, (input, run) => {
  const { text, size } = run(read, { uri: input.uri });
  const all = run(count, { text, label: undefined });
  const frequent = run(count, { text, least: input.least }, { as: 'frequent' });
  const { table } = run(join, { parts: [all.counts, frequent.counts], lines: size.lines });
  return { table, uri: input.uri };
});

describe('pipeline', () => {
  it('plans as data: literals stand in it, references are edges', () => {
    const plan = wordCount.plan({ least: 5 });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect((plan.nodes as readonly StageNode[]).map(({ id, stage, needs }) => [id, stage, needs])).toEqual([
      ['read', 'read', []],
      ['count', 'count', ['read']],
      ['frequent', 'count', ['read']],
      ['join', 'join', ['count', 'frequent', 'read']],
    ]);
    expect(plan.nodes[1]).toMatchObject({
      version: 1,
      queue: 'heavy',
      timeouts: { startToClose: 1800 },
      retry: { maximumAttempts: 4 },
    });
    expect((plan.nodes[2] as StageNode).input).toEqual({
      kind: 'object',
      fields: { text: { kind: 'ref', node: 'read', path: ['text'] }, least: { kind: 'literal', value: 5 } },
    });
    expect(wordCount.plan({ least: 5 })).toEqual(plan);
  });

  it('refuses an input with all its problems', () => {
    expect(() => wordCount.plan({ uri: 7, lest: 1 })).toThrow(
      'The input of wordCount is wrong. uri must be text. Got 7 instead. lest is not a known key. Did you mean "least"? Known here: uri, least. Correct this and start again',
    );
  });

  it('refuses a plan with all its problems: literals that a stage would refuse, and two nodes of one name', () => {
    const twice = pipeline('twice', Input, (input, run) => {
      const { text } = run(read, { uri: '' });
      run(count, { text, least: 0 });
      return run(count, { text, least: input.least });
    });
    const failure = failureOf(() => twice.plan({}));
    expect(failure.code).toBe('PLAN_INVALID');
    expect(failure.details['problems']).toEqual([
      'read: uri must not be empty. Got "" instead.',
      'count.least: It must be at least 1. Got 0 instead.',
      "count stands twice in the plan; give one of them a name of its own: run(count, …, { as: 'another name' }).",
    ]);
  });

  it('prints as text and as Mermaid', () => {
    expect(printPlan(wordCount.plan({}))).toBe(
      [
        'wordCount:',
        '  read = read@1("uri":"sample") on light',
        '  count = count@1(text: read.text) on heavy',
        '  frequent = count@1(text: read.text, least: 2) on heavy',
        '  join = join@3(parts: [count.counts, frequent.counts], lines: read.size.lines) on light',
        '  return table: join.table, uri: "sample"',
      ].join('\n'),
    );
    expect(planToMermaid(wordCount.plan({})).split('\n').slice(5)).toEqual([
      '  read -->|text| count',
      '  read -->|text| frequent',
      '  count -->|counts| join',
      '  frequent -->|counts| join',
      '  read -->|size.lines| join',
    ]);
  });
});

describe('what only the run knows', () => {
  const { gated, mapped, conditional, whole } = conformancePipelines;

  it('stands in the plan as data, and prints as text', () => {
    for (const { plan } of Object.values(conformancePipelines))
      expect(JSON.parse(JSON.stringify(plan({})))).toEqual(plan({}));
    expect(printPlan(mapped.plan({})).split('\n')[2]).toBe(
      '  positive = for each item of list.items, at most 2 at a time: positive@1(n: item.n) on light',
    );
    expect(printPlan(gated.plan({})).split('\n').slice(2, 5)).toEqual([
      '  rule = gate() if positive.n ≥ 3',
      '  person = gate(n: positive.n) if positive.n ≥ 2, ask: "Go on?"',
      '  then = positive@1("n":2) on light when person.approved',
    ]);
    expect(printPlan(conditional.plan({}))).toContain(
      'small = positive@1("n":1) on light when not (list.many)',
    );
    expect(printPlan(conditional.plan({}))).toContain('extra: big.n else small.n else fallback.n');
    expect(printPlan(whole.plan({}))).toContain(
      'parts = for each item of list.items: pipeline branches(a: item.n, b: 1)',
    );
  });

  it('prints as Mermaid', () => {
    expect(planToMermaid(gated.plan({}))).toContain('  person{"person?"}');
    expect(planToMermaid(whole.plan({}))).toContain('  branches[["branches"]]');
    expect(planToMermaid(mapped.plan({}))).toContain(
      '  positive@{ shape: procs, label: "positive: positive@1 for each" }\n  total["total"]\n  list -->|items| positive\n  positive -->|*.n| total',
    );
  });

  it('is refused where a stage needs what may be left out', () => {
    const plan = conditional.plan({});
    const { contracts } = conditional.prepare({});
    const needy = {
      ...plan,
      nodes: plan.nodes.map((node): PlanNode =>
        node.id === 'fallback'
          ? {
              ...(node as StageNode),
              needs: ['big'],
              input: { kind: 'object', fields: { n: { kind: 'ref', node: 'big', path: ['n'] } } },
            }
          : node,
      ),
    };
    expect(checkPlan(needy, contracts)).toEqual(['fallback.n is needed, but big may be left out.']);
    expect(checkPlan(plan, contracts)).toEqual([]);
  });
});

describe('checkPlan', () => {
  const contracts = new Map([read, count, join].map((stage) => [stage.name, stage]));
  const plan = wordCount.plan({});
  const withNode = (i: number, change: Partial<StageNode>): Plan => ({
    ...plan,
    nodes: plan.nodes.map((node, at): PlanNode => (at === i ? { ...(node as StageNode), ...change } : node)),
  });
  const takes = (node: string, ...path: string[]): Partial<StageNode> => ({
    input: { kind: 'object', fields: { text: { kind: 'ref', node, path } } },
  });

  it('passes what a pipeline made', () => {
    expect(checkPlan(plan, contracts)).toEqual([]);
  });

  it('follows a reference into a record by its keys', () => {
    const shared = (key: 'left' | 'right') =>
      pipeline('shared', Input, (input, run) => {
        const { by } = run(share, { lines: 3 });
        return run(read, { uri: input.uri }, { when: isTrue(by[key]) });
      });
    expect(() => shared('left').plan({})).not.toThrow();
    expect(() => shared('middle' as 'left').plan({})).toThrow(
      'read uses share.by.middle, which stage share does not give.',
    );
  });

  it.each([
    [
      'a stage that nobody knows',
      withNode(1, { stage: 'cuont' }),
      'count wants stage cuont, which is not known here; known are read, count, join.',
    ],
    [
      'another version',
      withNode(1, { version: 2 }),
      'count was planned for version 2 of count; this program has version 1.',
    ],
    [
      'a circle',
      withNode(1, takes('frequent', 'counts')),
      'count uses frequent, which does not come before it: the plan has a circle or the wrong order.',
    ],
    ['an unknown node', withNode(1, takes('raed', 'text')), 'count uses raed, which is not in the plan.'],
    [
      'an output that is not given',
      withNode(1, takes('read', 'txet')),
      'count uses read.txet, which stage read does not give.',
    ],
    [
      'an artifact of another kind',
      withNode(2, takes('count', 'counts')),
      'frequent.text wants an artifact of kind text, got counts.',
    ],
    [
      'an unknown key',
      withNode(1, {
        input: {
          kind: 'object',
          fields: {
            text: { kind: 'ref', node: 'read', path: ['text'] },
            lest: { kind: 'literal', value: 1 },
          },
        },
      }),
      'count has no input called lest; it takes text, least, label.',
    ],
    [
      'a missing key',
      withNode(3, {
        input: { kind: 'object', fields: { lines: { kind: 'ref', node: 'read', path: ['size', 'lines'] } } },
      }),
      'join.parts is missing.',
    ],
  ])('finds %s', (_name, broken, sentence) => {
    expect(checkPlan(broken, contracts)).toContain(sentence);
  });
});

describe('resolveBinding', () => {
  const plan = wordCount.plan({});

  it('resolves inputs from outputs', () => {
    const outputs = new Map<string, unknown>([
      ['read', { size: { lines: 3 } }],
      ['count', { counts: 'a' }],
      ['frequent', { counts: 'b' }],
    ]);
    expect(resolveBinding((plan.nodes[3] as StageNode).input, outputs)).toEqual({
      parts: ['a', 'b'],
      lines: 3,
    });
    expect(() => resolveBinding((plan.nodes[3] as StageNode).input, new Map())).toThrow(
      'count.counts is not known yet: count has given no output.',
    );
  });
});

function failureOf(act: () => unknown): AppError {
  try {
    act();
  } catch (thrown) {
    return thrown as AppError;
  }
  return expect.unreachable('it should have failed');
}
