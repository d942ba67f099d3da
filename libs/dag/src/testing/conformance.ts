import { AppError } from '@overture/core';
import { z } from 'zod';
import { atLeast, firstOf, isTrue, not } from '../conditions.ts';
import type { JsonObject } from '../merge-patch.ts';
import { pipeline, type Pipeline } from '../pipeline.ts';
import type { StageCode } from '../run-in-process.ts';
import { defineStage } from '../stage-contract.ts';
import type { TaskStatus } from '../task-state.ts';

const common = { version: 1, summary: 'For the conformance suite.', queue: 'light' } as const;
const item = z.object({ n: z.int() });
const list = defineStage({
  ...common,
  name: 'list',
  input: z.strictObject({ from: z.int(), count: z.int() }),
  output: z.object({ items: z.array(item), many: z.boolean() }),
});
const positive = defineStage({
  ...common,
  name: 'positive',
  input: z.strictObject({ n: z.int(), label: z.string().optional() }),
  output: z.object({ n: z.int() }),
});
const total = defineStage({
  ...common,
  name: 'total',
  input: z.strictObject({ numbers: z.array(z.int()), extra: z.int().default(0) }),
  output: z.object({ sum: z.int() }),
});

/** The implementations of the suite's stages, simple enough to check every value by eye. */
export const conformanceStages: Readonly<Record<'list' | 'positive' | 'total', StageCode>> = {
  list: async ({ from, count }: z.output<typeof list.input>) => ({
    items: Array.from({ length: count }, (_, i) => ({ n: from + i })),
    many: count > 2,
  }),
  async positive({ n }: z.output<typeof positive.input>) {
    if (n <= 0) throw new AppError('NOT_POSITIVE', `n must be above 0. Got ${n} instead.`);
    return { n };
  },
  // An interpreter may pass the input unparsed; the product's stages parse it themselves.
  total: async ({ numbers, extra = 0 }: z.input<typeof total.input>) => ({
    sum: numbers.reduce((sum, n) => sum + n, extra),
  }),
};

const Numbers = z.strictObject({ a: z.int().default(1), b: z.int().default(2), count: z.int().default(3) });

const branches = pipeline('branches', Numbers, ({ a, b }, run) => {
  const left = run(positive, { n: a }, { as: 'left' });
  const right = run(positive, { n: b }, { as: 'right' });
  return run(total, { numbers: [left.n, right.n] });
});

const mapped = pipeline('mapped', Numbers, ({ a, count }, run) => {
  const { items } = run(list, { from: a, count });
  const checked = run.each(items, positive, { wire: ({ n }) => ({ n }), atMost: 2 });
  return run(total, { numbers: checked.n });
});

const conditional = pipeline('conditional', Numbers, ({ a, count }, run) => {
  const { many } = run(list, { from: a, count });
  const big = run(positive, { n: 100 }, { as: 'big', when: isTrue(many) });
  const small = run(positive, { n: 1 }, { as: 'small', when: not(isTrue(many)) });
  const fallback = run(positive, { n: 7 }, { as: 'fallback' });
  return run(total, { numbers: [], extra: firstOf(big, small, fallback).n });
});

const optional = pipeline('optional', Numbers, ({ a, b }, run) => {
  const sure = run(positive, { n: a }, { as: 'sure' });
  const maybe = run(positive, { n: b }, { as: 'maybe', optional: true });
  return run(total, { numbers: [sure.n], extra: maybe.n });
});

const skippable = pipeline('skippable', Numbers, ({ a, b, count }, run) => {
  const maybe = run(positive, { n: b }, { as: 'maybe', skippable: true });
  const all = run.each(run(list, { from: a, count }).items, positive, {
    as: 'all',
    wire: ({ n }) => ({ n }),
    skippable: true,
  });
  const sum = run(total, { numbers: [1], extra: maybe.n });
  return { sum: sum.sum, all: all.n };
});

const gated = pipeline('gated', Numbers, ({ a, b }, run) => {
  const { n } = run(positive, { n: a });
  const rule = run.gate('rule', { summary: 'Is it enough?', rule: atLeast(n, 3) });
  const person = run.gate('person', { summary: 'Go on?', ask: true, rule: atLeast(n, 2), show: { n } });
  const then = run(positive, { n: b }, { as: 'then', when: isTrue(person.approved) });
  return {
    enough: rule.approved,
    approved: person.approved,
    by: person.by,
    reason: person.reason,
    then: then.n,
  };
});

const whole = pipeline('whole', Numbers, ({ a, b, count }, run) => {
  const part = run(branches, { a, b });
  const { items } = run(list, { from: 1, count });
  const parts = run.each(items, branches, { as: 'parts', wire: ({ n }) => ({ a: n, b: 1 }) });
  return run(total, { numbers: parts.sum, extra: part.sum });
});

/** All pipelines of the suite by name, for durable interpreters. */
export const conformancePipelines = {
  branches,
  mapped,
  conditional,
  optional,
  skippable,
  gated,
  whole,
} as const;

/** A user's decision when a task waits for it. */
export type Decision =
  | { readonly kind: 'retry'; readonly task: string; readonly overrides?: JsonObject }
  | { readonly kind: 'skip'; readonly task: string }
  | { readonly kind: 'abort'; readonly task: string; readonly reason: string }
  | {
      readonly kind: 'gate';
      readonly task: string;
      readonly approved: boolean;
      readonly by: string;
      readonly reason: string;
    };

/** One run that every interpreter must execute in the same way. */
export interface ConformanceCase {
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly input: Readonly<Record<string, number>>;
  /** The decisions in order, each made when its task waits. Without any, failing stages end the run. */
  readonly decisions?: readonly Decision[];
  readonly expected: {
    readonly result?: unknown;
    /** The message of the failure. */
    readonly failure?: string;
    readonly statuses: Readonly<Record<string, TaskStatus>>;
    /** The inputs of stages, sorted by task. */
    readonly calls?: readonly string[];
  };
}

const done = (...ids: readonly string[]): Record<string, TaskStatus> =>
  Object.fromEntries(ids.map((id) => [id, 'done']));

/** The cases of the conformance suite. */
export const conformanceCases: readonly ConformanceCase[] = [
  {
    name: 'parallel branches',
    pipeline: branches,
    input: {},
    expected: {
      result: { sum: 3 },
      statuses: done('left', 'right', 'total'),
      calls: ['left {"n":1}', 'right {"n":2}', 'total {"numbers":[1,2]}'],
    },
  },
  {
    name: 'a failure ends the run with the stage’s message',
    pipeline: branches,
    input: { a: -1 },
    expected: {
      failure: 'left: n must be above 0. Got -1 instead.',
      statuses: { left: 'failed', right: 'done', total: 'unreached' },
    },
  },
  {
    name: 'a parked stage is retried with its input changed',
    pipeline: branches,
    input: { a: -1 },
    decisions: [
      { kind: 'retry', task: 'left' },
      { kind: 'retry', task: 'left', overrides: { n: 5 } },
    ],
    expected: {
      result: { sum: 7 },
      statuses: done('left', 'right', 'total'),
      calls: ['left {"n":-1}', 'left {"n":-1}', 'left {"n":5}', 'right {"n":2}', 'total {"numbers":[5,2]}'],
    },
  },
  {
    name: 'a person aborts',
    pipeline: branches,
    input: { a: -1 },
    decisions: [{ kind: 'abort', task: 'left', reason: 'wrong numbers' }],
    expected: {
      failure: 'The run was aborted: wrong numbers',
      statuses: { left: 'cancelled', right: 'done', total: 'unreached' },
    },
  },
  {
    name: 'a map over a list that only the run knows',
    pipeline: mapped,
    input: {},
    expected: {
      result: { sum: 6 },
      statuses: done('list', 'positive', 'positive[0]', 'positive[1]', 'positive[2]', 'total'),
      calls: [
        'list {"from":1,"count":3}',
        'positive[0] {"n":1}',
        'positive[1] {"n":2}',
        'positive[2] {"n":3}',
        'total {"numbers":[1,2,3]}',
      ],
    },
  },
  {
    name: 'a map over an empty list',
    pipeline: mapped,
    input: { count: 0 },
    expected: { result: { sum: 0 }, statuses: done('list', 'positive', 'total') },
  },
  {
    name: 'one item of a map fails the run: a smaller list would pass for the whole',
    // Two items: whether a third starts would depend on which of the first two ends first.
    pipeline: mapped,
    input: { a: 0, count: 2 },
    expected: {
      failure: 'positive[0]: n must be above 0. Got 0 instead.',
      statuses: {
        list: 'done',
        positive: 'running',
        'positive[0]': 'failed',
        'positive[1]': 'done',
        total: 'unreached',
      },
    },
  },
  {
    name: 'one item of a map is retried by itself',
    pipeline: mapped,
    input: { a: 0 },
    decisions: [{ kind: 'retry', task: 'positive[0]', overrides: { n: 10 } }],
    expected: {
      result: { sum: 13 },
      statuses: done('list', 'positive', 'positive[0]', 'positive[1]', 'positive[2]', 'total'),
    },
  },
  {
    name: 'a condition that holds',
    pipeline: conditional,
    input: {},
    expected: {
      result: { sum: 100 },
      statuses: { ...done('list', 'big', 'fallback', 'total'), small: 'skipped' },
    },
  },
  {
    name: 'a condition that does not hold',
    pipeline: conditional,
    input: { count: 1 },
    expected: {
      result: { sum: 1 },
      statuses: { ...done('list', 'small', 'fallback', 'total'), big: 'skipped' },
    },
  },
  {
    name: 'an optional stage that fails is done without',
    pipeline: optional,
    input: { b: 0 },
    expected: {
      result: { sum: 1 },
      statuses: { ...done('sure', 'total'), maybe: 'skipped' },
      calls: ['maybe {"n":0}', 'sure {"n":1}', 'total {"numbers":[1]}'],
    },
  },
  {
    name: 'a skippable stage and a skippable map are skipped by a person',
    pipeline: skippable,
    input: { a: 0, b: 0 },
    decisions: [
      { kind: 'skip', task: 'maybe' },
      { kind: 'skip', task: 'all' },
    ],
    expected: {
      result: { sum: 1 },
      statuses: {
        ...done('list', 'total', 'all[1]', 'all[2]'),
        maybe: 'skipped',
        all: 'skipped',
        'all[0]': 'skipped',
      },
    },
  },
  {
    name: 'a gate asks a person where its rule holds',
    pipeline: gated,
    input: { a: 2 },
    decisions: [{ kind: 'gate', task: 'person', approved: true, by: 'Ada', reason: 'looks right' }],
    expected: {
      result: { enough: false, approved: true, by: 'Ada', reason: 'looks right', then: 2 },
      statuses: done('positive', 'rule', 'person', 'then'),
    },
  },
  {
    name: 'a person refuses at a gate',
    pipeline: gated,
    input: { a: 3 },
    decisions: [{ kind: 'gate', task: 'person', approved: false, by: 'Ada', reason: 'not yet' }],
    expected: {
      result: { enough: true, approved: false, by: 'Ada', reason: 'not yet' },
      statuses: { ...done('positive', 'rule', 'person'), then: 'skipped' },
    },
  },
  {
    name: 'a gate whose rule does not hold asks nobody',
    pipeline: gated,
    input: {},
    expected: {
      result: { enough: false, approved: false, by: null, reason: null },
      statuses: { ...done('positive', 'rule', 'person'), then: 'skipped' },
    },
  },
  {
    name: 'pipelines as parts, one of them for each item',
    pipeline: whole,
    input: {},
    expected: {
      result: { sum: 12 },
      statuses: done('branches', 'list', 'parts', 'parts[0]', 'parts[1]', 'parts[2]', 'total'),
    },
  },
  {
    name: 'a part that fails names its stage',
    pipeline: whole,
    input: { b: -1, count: 0 },
    expected: {
      failure: 'branches: right: n must be above 0. Got -1 instead.',
      statuses: { branches: 'failed', list: 'done', parts: 'done', total: 'unreached' },
    },
  },
];
