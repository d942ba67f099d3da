import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import type { OpenEmpty } from './open-empty.ts';

/** The tests of the executions and the ends of runs. */
export function runExecutionConformance(openEmpty: OpenEmpty): void {
  describe('the executions of a run', () => {
    it('show that it was reset while it ran: the earlier one was terminated, and its late end changes nothing', async () => {
      const { registry, runs } = await openEmpty('a');
      const run = runs[0]!;
      expect((await registry.getRun(run)).executions).toEqual([]);
      await registry.noteExecution(run, { id: 'second', cause: 'reset' });
      await registry.noteExecution(run, { id: 'second', cause: 'reset' });
      await registry.finishRun({ run, outcome: 'failed', error: 'of the first execution' });
      const running = await registry.getRun('second');
      expect(running).toMatchObject({
        id: run,
        state: 'running',
        executionId: 'second',
        error: null,
        finishedAt: null,
      });
      expect(running.executions).toMatchObject([
        { execution: 'run-of-a', cause: 'started', ended: 'terminated' },
        { execution: 'second', cause: 'reset', ended: null },
      ]);
      await registry.finishRun({
        run,
        execution: { id: 'second', cause: 'reset' },
        outcome: 'completed',
        result: { ok: true },
      });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'completed',
        result: { ok: true },
        endedBy: 'workflow',
      });
      await registry.close();
    });

    it('open a finished run again that was reset, also where its end is the first that is heard of the reset', async () => {
      const { registry, runs } = await openEmpty('a');
      const run = runs[0]!;
      await registry.finishRun({ run, outcome: 'failed', error: 'no corpus' });
      await registry.finishRun({
        run,
        execution: { id: 'second', cause: 'reset' },
        outcome: 'completed',
        result: 1,
      });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'completed',
        result: 1,
        error: null,
        executions: [{ ended: 'failed' }, { execution: 'second' }],
      });
      // A reset to the first workflow task opens the run again.
      await registry.startRun({
        run,
        execution: { id: 'third', cause: 'reset' },
        workflowId: 'a',
        pipeline: 'trainInitiativeModel',
        input: {},
      });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'running',
        result: null,
        finishedAt: null,
        endedBy: null,
        executions: [
          { ended: 'failed' },
          { execution: 'second', ended: 'completed' },
          { execution: 'third', ended: null },
        ],
      });
      await registry.close();
    });

    it('continue as new without an end', async () => {
      const { registry, runs } = await openEmpty('a');
      const run = runs[0]!;
      await Promise.all(
        Array.from({ length: 10 }, () => registry.noteExecution(run, { id: 'second', cause: 'continued' })),
      );
      await registry.noteExecution(run, { id: 'third', cause: 'continued' });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'running',
        executions: [
          { ended: 'continued' },
          { execution: 'second', ended: 'continued' },
          { execution: 'third', ended: null },
        ],
      });
      await registry.close();
    });

    it('belong to a run that is known', async () => {
      const { registry } = await openEmpty();
      await expect(
        registry.noteExecution('nobody/started' as RunId, { id: 'x', cause: 'reset' }),
      ).rejects.toMatchObject({ code: 'RUN_UNKNOWN' });
      await registry.close();
    });
  });

  describe('an end that Temporal tells', () => {
    it('closes a run that is open, says who said so, and leaves other ends alone', async () => {
      const { registry, runs } = await openEmpty('a', 'b', 'c');
      expect(
        await registry.observeEnd({
          run: runs[0]!,
          executionId: null,
          state: 'terminated',
          reason: 'by hand',
          at: new Date('2030-01-01T00:00:00Z'),
        }),
      ).toBe(true);
      expect(await registry.getRun(runs[0]!)).toMatchObject({
        state: 'terminated',
        error: 'by hand',
        endedBy: 'temporal',
        finishedAt: new Date('2030-01-01T00:00:00Z'),
      });
      await registry.finishRun({ run: runs[0]!, outcome: 'completed' });
      expect((await registry.getRun(runs[0]!)).state).toBe('terminated');
      expect((await registry.listRuns({ state: 'terminated' })).map(({ id }) => id)).toEqual([runs[0]]);
      await registry.finishRun({ run: runs[1]!, outcome: 'completed' });
      expect(await registry.observeEnd({ run: runs[1]!, executionId: null, state: 'timedOut' })).toBe(false);
      // It was reset in the meantime.
      await registry.noteExecution(runs[2]!, { id: 'second', cause: 'reset' });
      expect(await registry.observeEnd({ run: runs[2]!, executionId: null, state: 'terminated' })).toBe(
        false,
      );
      expect(await registry.getRun(runs[2]!)).toMatchObject({ state: 'running' });
      await registry.close();
    });
  });
}
