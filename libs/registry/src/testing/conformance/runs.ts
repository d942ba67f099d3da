import type { RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import type { OpenEmpty } from './open-empty.ts';
import { sampleExecution } from '../sample.ts';

/** The tests of runs and their metrics. */
export function runConformance(openEmpty: OpenEmpty): void {
  describe('runs', () => {
    it('may be started and finished again by a repeated activity: the first start and the first end stand', async () => {
      const { registry } = await openEmpty();
      const run = 'overture/with/slash/0199' as RunId;
      await registry.startRun({
        run,
        workflowId: 'overture/with/slash',
        pipeline: 'train',
        input: { name: 'first' },
      });
      await registry.startRun({
        run,
        workflowId: 'overture/with/slash',
        pipeline: 'train',
        input: { name: 'second' },
      });
      expect(await registry.getRun(run)).toMatchObject({
        state: 'running',
        input: { name: 'first' },
        temporalRunId: '0199',
        finishedAt: null,
        error: null,
        result: null,
      });
      await registry.finishRun({ run, outcome: 'failed', error: 'no \u0000 byte' });
      await registry.finishRun({ run, outcome: 'completed', result: { late: true } });
      const finished = await registry.getRun(run);
      expect(finished).toMatchObject({ state: 'failed', error: 'no \u0000 byte', result: null });
      expect(finished.finishedAt!.getTime()).toBeGreaterThanOrEqual(finished.startedAt.getTime());
      expect(await registry.listRuns()).toHaveLength(1);
      await registry.close();
    });

    it('must be known', async () => {
      const { registry } = await openEmpty();
      const run = 'nobody/started' as RunId;
      const unknown = {
        code: 'RUN_UNKNOWN',
        retryable: false,
        message:
          'The registry has no run "nobody/started". List the runs with: npx overture runs ls. (A program calls startRun first.)',
      };
      await expect(registry.getRun(run)).rejects.toMatchObject(unknown);
      await expect(registry.finishRun({ run, outcome: 'completed' })).rejects.toMatchObject(unknown);
      await expect(
        registry.recordMetrics(run, [{ scope: 'valid', name: 'f1', value: 1 }]),
      ).rejects.toMatchObject(unknown);
      await expect(registry.recordStageExecution(sampleExecution(run))).rejects.toMatchObject(unknown);
      await expect(registry.noteExecution(run, { id: 'second', cause: 'reset' })).rejects.toMatchObject(
        unknown,
      );
      await expect(registry.costsOfParts(run)).rejects.toMatchObject(unknown);
      expect(await registry.listRuns()).toEqual([]);
      await registry.close();
    });

    it('are listed newest first, filtered and page by page', async () => {
      const { registry, runs } = await openEmpty('a', 'b', 'c', 'd', 'e');
      await registry.finishRun({ run: runs[1]!, outcome: 'cancelled' });
      const ids = async (...filter: Parameters<typeof registry.listRuns>): Promise<RunId[]> =>
        (await registry.listRuns(...filter)).map(({ id }) => id);
      expect(await ids()).toEqual([...runs].reverse());
      expect(await ids({ limit: 2 })).toEqual([runs[4], runs[3]]);
      expect(await ids({ limit: 2, before: runs[3]! })).toEqual([runs[2], runs[1]]);
      expect(await ids({ state: 'cancelled' })).toEqual([runs[1]]);
      expect(await ids({ workflow: 'evaluateModel' })).toEqual([]);
      await registry.close();
    });

    it('fold the workflows that they started, and count them by state', async () => {
      const { registry, runs } = await openEmpty(
        'study-1',
        'study-1/fold[0]',
        'study-1/fold[1]',
        'study-1/fold[1]/deep',
        'own/slash',
      );
      await registry.finishRun({ run: runs[1]!, outcome: 'completed' });
      expect((await registry.listRuns({ topLevel: true })).map(({ workflowId }) => workflowId)).toEqual([
        'own/slash',
        'study-1',
      ]);
      expect(await registry.partsOf([runs[0]!, runs[4]!])).toEqual(
        new Map([[runs[0], { completed: 1, running: 2 }]]),
      );
      expect(await registry.partsOf([])).toEqual(new Map());
      await registry.close();
    });

    it('are found by id, by the id of Temporal, and the newest by workflow id', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const again = 'a/second' as RunId;
      await registry.startRun({ run: again, workflowId: 'a', pipeline: 'trainInitiativeModel', input: {} });
      expect((await registry.getRun(runs[0]!)).id).toBe(runs[0]);
      expect((await registry.getRun('run-of-a')).id).toBe(runs[0]);
      expect((await registry.getRun('a')).id).toBe(again);
      await registry.close();
    });

    it('keep metrics by scope, name and step; the last value counts', async () => {
      const { registry, runs } = await openEmpty('a');
      const run = runs[0]!;
      await registry.recordMetrics(run, []);
      await registry.recordMetrics(run, [
        { scope: 'valid', name: 'macroF1', value: 0.6 },
        { scope: 'training', name: 'loss', value: 0.7, step: 10 },
        { scope: 'training', name: 'loss', value: 0.5, step: 20 },
        { scope: 'valid', name: 'macroF1', value: 0.61 },
      ]);
      await registry.recordMetrics(run, [{ scope: 'training', name: 'loss', value: Number.NaN, step: 20 }]);
      expect((await registry.getRun(run)).metrics).toEqual([
        { scope: 'training', name: 'loss', step: 10, value: 0.7 },
        { scope: 'training', name: 'loss', step: 20, value: Number.NaN },
        { scope: 'valid', name: 'macroF1', step: 0, value: 0.61 },
      ]);
      await registry.close();
    });
  });
}
