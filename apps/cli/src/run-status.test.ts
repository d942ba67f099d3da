import { describe, expect, it } from 'vitest';
import type { LiveRun } from './live-runs.ts';
import { nextSteps, partsText, statusOf } from './run-status.ts';

const run = { state: 'running' as const, workflowId: 'train-1', temporalRunId: 'r1' };
const live = (more: Partial<LiveRun>): LiveRun => ({
  workflowId: 'train-1',
  temporalRunId: 'r1',
  workflow: 'trainInitiativeModel',
  startedAt: new Date(0),
  status: 'running',
  ...more,
});

describe('the state of a run', () => {
  it.each([
    ['running, with its stack', [live({})], 'running'],
    ['queued', [live({ status: 'queued', waitsFor: 'train-0' })], 'queued'],
    ['parked', [live({ status: 'parked' })], 'parked'],
    ['a gate that asks', [live({ status: 'waiting for approval' })], 'waiting for approval'],
    ['no stack', undefined, 'interrupted'],
    ['a stack that does not know it', [live({ temporalRunId: 'r2' })], 'lost'],
  ] as const)('%s', (_, known, status) => {
    expect(statusOf(run, known).status).toBe(status);
  });

  it('names the run that it waits for, and leaves a finished run as it is', () => {
    expect(statusOf(run, [live({ status: 'queued', waitsFor: 'train-0' })])).toEqual({
      status: 'queued',
      waitsFor: 'train-0',
      unpolled: null,
    });
    expect(statusOf(run, [live({ status: 'queued', unpolled: 'train' })])).toEqual({
      status: 'queued',
      waitsFor: null,
      unpolled: 'train',
    });
    expect(statusOf({ ...run, state: 'failed' }, undefined)).toEqual({
      status: 'failed',
      waitsFor: null,
      unpolled: null,
    });
    expect(statusOf({ ...run, state: 'timedOut' }, undefined).status).toBe('timed out');
  });

  it('counts parts', () => {
    expect(partsText({ completed: 4, running: 2 })).toBe('6 parts: 4 completed, 2 running');
    expect(partsText({ failed: 1 })).toBe('1 part: 1 failed');
    expect(partsText(null)).toBe('');
  });

  it('says what to do next', () => {
    const of = (
      status: Parameters<typeof nextSteps>[0]['status'],
      workflow = 'trainInitiativeModel',
    ): readonly string[] => nextSteps({ workflowId: 'x-1', workflow, status, input: { name: "Ada's" } });
    expect(of('parked')[0]).toBe(
      'overture runs retry x-1   (--set key=value changes the input of the parked stage)',
    );
    expect(of('waiting for approval')).toEqual([
      'overture runs approve x-1 --by NAME --reason "…"',
      'overture runs reject x-1 --by NAME --reason "…"',
    ]);
    expect(of('running')).toEqual(['overture runs cancel x-1']);
    expect(of('interrupted')[0]).toContain('overture start');
    expect(of('failed')).toEqual([
      String.raw`overture train --input '{"name":"Ada'\''s"}'   (finished stages are reused)`,
    ]);
    expect(of('refused', 'sweep')[0]).toContain('(with the input corrected)');
    expect(of('completed')).toEqual([]);
  });
});
