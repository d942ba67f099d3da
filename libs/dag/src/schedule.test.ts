import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pipeline } from './pipeline.ts';
import { Schedule } from './schedule.ts';
import { defineStage } from './stage-contract.ts';
import type { Task } from './task-state.ts';

const common = { version: 1, summary: 'For the test.', queue: 'light' } as const;
const read = defineStage({
  ...common,
  name: 'read',
  input: z.strictObject({
    uri: z.string().min(1),
    options: z.strictObject({ deep: z.boolean().default(false), limit: z.int().default(9) }).prefault({}),
  }),
  output: z.object({ text: z.string() }),
});
const count = defineStage({
  ...common,
  name: 'count',
  input: z.strictObject({ text: z.string() }),
  output: z.object({ words: z.int() }),
});
const warn = defineStage({
  ...common,
  name: 'warn',
  input: z.strictObject({ text: z.string() }),
  output: z.object({ warning: z.string() }),
});
const report = defineStage({
  ...common,
  name: 'report',
  input: z.strictObject({ words: z.int(), warning: z.string().default('none') }),
  output: z.object({ page: z.string() }),
});

const made = pipeline('wordReport', z.strictObject({ uri: z.string().default('sample') }), (input, run) => {
  const { text } = run(read, { uri: input.uri });
  const { words } = run(count, { text });
  const { warning } = run(warn, { text }, { skippable: true });
  const { page } = run(report, { words, warning });
  return { page, warning };
});

const schedule = (onStageFailure: 'park' | 'fail' = 'park'): Schedule =>
  new Schedule(made.prepare({}), { onStageFailure });
const ids = (tasks: readonly Task[]): string[] => tasks.map(({ id }) => id);
const statuses = (of: Schedule): Record<string, string> =>
  Object.fromEntries(of.tasks.map(({ node, status }) => [node.id, status]));
const failure = { message: 'No such file.', code: 'FILE_MISSING', thrown: undefined };

describe('Schedule', () => {
  it('starts what has everything that it needs, once, with its resolved input', () => {
    const it = schedule();
    expect(it.start()).toMatchObject([{ id: 'read', input: { uri: 'sample' }, attempt: 1 }]);
    expect(it.done('read', { text: 'a b' })).toMatchObject([
      { id: 'count', input: { text: 'a b' } },
      { id: 'warn', input: { text: 'a b' } },
    ]);
    expect(ids(it.done('warn', { warning: 'short' }))).toEqual([]);
    expect(it.done('count', { words: 2 })).toMatchObject([
      { id: 'report', input: { words: 2, warning: 'short' } },
    ]);
    expect(it.over).toBe(false);
    it.done('report', { page: '<p>' });
    expect(it.over).toBe(true);
    expect(it.result()).toEqual({ page: '<p>', warning: 'short' });
  });

  it('parks what failed while other branches go on, and starts it again with its input changed', () => {
    const it = schedule();
    it.start();
    it.done('read', { text: 'a b' });
    expect(ids(it.fail('count', failure))).toEqual([]);
    expect(ids(it.done('warn', { warning: 'short' }))).toEqual([]);
    expect(it.parked).toEqual(['count']);
    expect(it.over).toBe(false);
    expect(it.retry('count', { text: 'a' })).toMatchObject([
      { id: 'count', input: { text: 'a' }, attempt: 2 },
    ]);
    expect(it.tasks.find(({ node }) => node.id === 'count')).toMatchObject({
      status: 'running',
      attempt: 2,
      overrides: { text: 'a' },
    });
    it.fail('count', failure);
    expect(it.retry('count')).toMatchObject([{ input: { text: 'a' }, attempt: 3 }]);
    expect(ids(it.done('count', { words: 1 }))).toEqual(['report']);
  });

  it('merges overrides into the input as deep as they go; null gives a default back', () => {
    const it = schedule();
    it.start();
    it.fail('read', failure);
    expect(it.retry('read', { options: { deep: true, limit: 3 } })).toMatchObject([
      { input: { uri: 'sample', options: { deep: true, limit: 3 } } },
    ]);
    it.fail('read', failure);
    expect(it.retry('read', { options: { limit: null } })).toMatchObject([
      { input: { uri: 'sample', options: { deep: true } } },
    ]);
    expect(it.tasks[0]?.input).toEqual({ uri: 'sample', options: { deep: true } });
    expect(it.tasks[0]?.overrides).toEqual({ options: { deep: true, limit: null } });
  });

  it('goes on without what is skipped where the pipeline allows it', () => {
    const it = schedule();
    it.start();
    it.done('read', { text: 'a b' });
    it.fail('warn', failure);
    it.done('count', { words: 2 });
    expect(it.skip('warn')).toMatchObject([{ id: 'report', input: { words: 2 } }]);
    it.done('report', { page: '<p>' });
    expect(it.result()).toEqual({ page: '<p>' });
    expect(statuses(it)).toEqual({ read: 'done', count: 'done', warn: 'skipped', report: 'done' });
  });

  it('refuses decisions that make no sense, each with a sentence', () => {
    const it = schedule();
    it.start();
    expect(it.retryProblem('raed')).toBe(
      'There is no stage "raed" in this run. It has read, count, warn, report.',
    );
    expect(it.retryProblem('read')).toBe(
      'read is running; only a parked stage can be retried. Nothing is parked now.',
    );
    expect(it.skipProblem('count')).toBe(
      'count is waiting; only a parked stage can be skipped. Nothing is parked now.',
    );
    it.fail('read', failure);
    expect(
      it.retryProblem('read', JSON.parse('{"__proto__": {"uri": "/data"}}') as Record<string, never>),
    ).toBe(
      'With these overrides the input of read is wrong. "__proto__" is not a known key. Known here: uri, options.',
    );
    expect(it.retryProblem('read', { constructor: 'x' })).toContain('constructor is not a known key.');
    expect(it.retryProblem('x'.repeat(1_000_000))).toMatch(
      /^There is no stage "x+… \(999,9\d\d more characters\)" in this run\. It has read, count, warn, report\.$/,
    );
    expect(it.retryProblem('count')).toBe(
      'count is waiting; only a parked stage can be retried. Parked now: read.',
    );
    expect(it.retryProblem('read', { uri: 7, opts: {} })).toBe(
      'With these overrides the input of read is wrong. uri must be text. Got 7 instead. opts is not a known key. Known here: uri, options.',
    );
    expect(it.skipProblem('read')).toBe(
      'read cannot be skipped, because others need what it gives. Skippable here: warn; retry it or abort the run.',
    );
    expect(() => it.retry('count')).toThrow('count is waiting; only a parked stage can be retried.');
    expect(() => it.skip('read')).toThrow('read cannot be skipped');
    expect(it.retryProblem('read', { uri: '/data' })).toBeUndefined();
  });

  it('fails where it is told to: what runs goes on, nothing new starts', () => {
    const it = schedule('fail');
    it.start();
    it.done('read', { text: 'a b' });
    it.fail('count', failure);
    expect(it.over).toBe(true);
    expect(it.failed).toMatchObject({ node: { id: 'count' }, failure });
    expect(ids(it.done('warn', { warning: 'short' }))).toEqual([]);
    expect(statuses(it)).toEqual({ read: 'done', count: 'failed', warn: 'done', report: 'unreached' });
  });

  it('fails when nobody decides in time', () => {
    const it = schedule();
    it.start();
    it.fail('read', failure);
    it.expire('read');
    expect(it.over).toBe(true);
    expect(it.failed?.node.id).toBe('read');
    expect(statuses(it)).toEqual({
      read: 'failed',
      count: 'unreached',
      warn: 'unreached',
      report: 'unreached',
    });
  });

  it('stops: what is parked waits no longer, what comes in late starts nothing', () => {
    const it = schedule();
    it.start();
    it.done('read', { text: 'a b' });
    it.fail('count', failure);
    it.stop();
    expect(ids(it.done('warn', { warning: '' }))).toEqual([]);
    it.close();
    expect(it.over).toBe(true);
    expect(statuses(it)).toEqual({ read: 'done', count: 'cancelled', warn: 'done', report: 'unreached' });
  });

  it('accepts control requests for a running stage whose contract allows them, and for items of a map of it', () => {
    const drive = defineStage({
      ...common,
      name: 'drive',
      control: { action: z.enum(['faster', 'slower']), examples: ['faster'] },
      input: z.strictObject({ text: z.string() }),
      output: z.object({ text: z.string() }),
    });
    const inner = pipeline('inner', z.strictObject({ text: z.string() }), ({ text }, run) => ({
      text: run(drive, { text }).text,
    }));
    const list = defineStage({
      ...common,
      name: 'list',
      input: z.strictObject({ count: z.int() }),
      output: z.object({ texts: z.array(z.object({ text: z.string() })) }),
    });
    const driving = pipeline('driving', z.strictObject({}), (_, run) => {
      const { texts } = run(list, { count: 2 });
      const one = run(drive, { text: 'a' }, { as: 'one' });
      const each = run.each(texts, drive, { as: 'each', wire: ({ text }) => ({ text }) });
      const part = run(inner, { text: 'a' }, { as: 'part' });
      const sure = run.gate('sure', { summary: 'Go on?', ask: true, show: { text: one.text } });
      return { each: each.text, part: part.text, sure: sure.approved };
    });
    const it = new Schedule(driving.prepare({}), { onStageFailure: 'park' });
    it.start();
    expect(it.controlProblem('one', 'faster')).toBeUndefined();
    expect(it.controlsOf('one')).toEqual(['faster']);
    expect(it.controlProblem('one', 'fly')).toBe(
      'The action for one is wrong. It must be one of "faster", "slower". Got "fly" instead. It accepts, for example: "faster".',
    );
    expect(it.controlProblem('each', 'faster')).toBe(
      'each is waiting; it accepts control requests only while it is running. Accepting now: one.',
    );
    expect(it.controlProblem('list', 'faster')).toBe('list accepts no control requests. Accepting now: one.');
    expect(it.controlProblem('part', 'faster')).toBe(
      'part is a workflow of its own, named by the query "state": send the request there. Accepting now: one.',
    );
    expect(it.controlProblem('sure', 'faster')).toContain('sure accepts no control requests');
    expect(it.controlProblem('ones', 'faster')).toContain(
      'There is no stage "ones" in this run. It has list, one,',
    );
    it.done('list', { texts: [{ text: 'a' }, { text: 'b' }] });
    expect(it.controlProblem('each', 'faster')).toContain('Accepting now: one, each[0], each[1].');
    expect(it.controlProblem('each[1]', 'slower')).toBeUndefined();
    it.done('one', { text: 'a' });
    expect(it.controlProblem('one', 'faster')).toContain('one is done; it accepts');
    it.fail('each[0]', failure);
    expect(it.controlProblem('each[0]', 'faster')).toContain('each[0] is parked; it accepts');
  });

  it('handles a thousand stages in a row and a thousand side by side at once', () => {
    const wide = pipeline('wide', z.object({}), (_, run) => {
      const { text } = run(read, { uri: 'x' });
      const counted = Array.from(
        { length: 1000 },
        (_unused, i) => run(count, { text }, { as: `count${i}` }).words,
      );
      return { counted };
    }).prepare({});
    const it = new Schedule(wide, { onStageFailure: 'park' });
    const began = process.cpuUsage();
    it.start();
    const tasks = it.done('read', { text: 'a' });
    expect(tasks).toHaveLength(1000);
    for (const [i, { id }] of tasks.entries()) it.done(id, { words: i });
    // Anything quadratic in the number of stages would take minutes.
    expect(process.cpuUsage(began).user / 1e6).toBeLessThan(60);
    expect((it.result() as { counted: number[] }).counted[999]).toBe(999);
  });

  it('comes to where another stood from what that one was told, as JSON', () => {
    const steps: readonly ((it: Schedule) => Task[])[] = [
      (it) => it.fail('read', failure),
      (it) => it.retry('read', { uri: '/data' }),
      (it) => it.done('read', { text: 'a b' }),
      (it) => it.fail('warn', failure),
      (it) => it.skip('warn'),
      (it) => it.done('count', { words: 2 }),
      (it) => it.done('report', { page: '<p>' }),
    ];
    const open = ['read', '', 'read', 'count,warn', 'count', 'count', 'report', ''];
    for (let told = 0; told <= steps.length; told++) {
      const one = schedule();
      one.start();
      for (const step of steps.slice(0, told)) step(one);
      const other = schedule();
      const tasks = other.resume(JSON.parse(JSON.stringify(one.events)));
      expect(ids(tasks).join()).toBe(open[told]);
      expect(other.tasks).toEqual(one.tasks);
      expect(other.events).toEqual(one.events);
    }
  });
});
