import { AppError, digestOf } from '@overture/core';
import { describe, expect, it } from 'vitest';
import type { OpenEmpty } from './open-empty.ts';
import { sampleExecution, sampleRef } from '../sample.ts';

/** The tests of stage executions and their reuse. */
export function stageExecutionConformance(openEmpty: OpenEmpty): void {
  describe('recordStageExecution', () => {
    it('keeps what went in and came out, with its lineage and metrics', async () => {
      const { registry, runs } = await openEmpty('a');
      const input = {
        corpora: [sampleRef('corpus', 'one'), sampleRef('corpus', 'two')],
        base: { weights: sampleRef('weights', 'w') },
        note: 'a \u0000 and a \ud800',
      };
      const metrics = [{ scope: 'valid', name: 'macroF1', value: 0.6 }];
      const given = sampleExecution(runs[0]!, {
        input,
        fingerprint: { file: 'x' },
        environment: { runtime: '1' },
        metrics,
        activityId: '7',
        attempt: 2,
      });
      const { id } = await registry.recordStageExecution(given);
      const run = await registry.getRun(runs[0]!);
      expect(run.stages).toEqual([
        {
          id,
          node: 'tokenize',
          stage: 'tokenize',
          version: 1,
          cacheKey: digestOf('key'),
          fingerprint: { file: 'x' },
          environment: { runtime: '1' },
          controls: null,
          state: 'ran',
          input,
          outputs: { tokens: sampleRef('tokens', 't'), truncated: 3 },
          error: null,
          reusedFrom: null,
          attempt: 2,
          durationMs: 12.5,
          recordedAt: expect.any(Date),
          artifacts: [
            { direction: 'input', name: 'base.weights', ref: sampleRef('weights', 'w') },
            { direction: 'input', name: 'corpora[0]', ref: sampleRef('corpus', 'one') },
            { direction: 'input', name: 'corpora[1]', ref: sampleRef('corpus', 'two') },
            { direction: 'output', name: 'tokens', ref: sampleRef('tokens', 't') },
          ],
        },
      ]);
      expect(run.metrics).toEqual([{ ...metrics[0], step: 0 }]);
      await registry.close();
    });

    it('records one success per run, node and key; a later attempt is given the first outputs', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const first = await registry.recordStageExecution(sampleExecution(runs[0]!));
      expect(first).toMatchObject({ recorded: true, outputs: { truncated: 3 } });
      const stalled = sampleExecution(runs[0]!, {
        attempt: 2,
        outcome: { state: 'ran', outputs: { tokens: sampleRef('tokens', 'other') } },
      });
      expect(await registry.recordStageExecution(stalled)).toEqual({
        id: first.id,
        recorded: false,
        outputs: { tokens: sampleRef('tokens', 't'), truncated: 3 },
      });
      expect(
        await registry.recordStageExecution({ ...stalled, outcome: { state: 'reused', outputs: {} } }),
      ).toMatchObject({ id: first.id, recorded: false });
      const others = [
        sampleExecution(runs[0]!, { node: 'tokenize2' }),
        sampleExecution(runs[0]!, { cacheKey: digestOf('key2') }),
        sampleExecution(runs[1]!),
      ];
      for (const other of others)
        expect(await registry.recordStageExecution(other)).toMatchObject({ recorded: true });
      const { stages } = await registry.getRun(runs[0]!);
      expect(stages).toHaveLength(3);
      expect(
        stages.flatMap(({ artifacts }) => artifacts).filter(({ ref }) => ref.digest === digestOf('other')),
      ).toEqual([]);
      await registry.close();
    });

    it('records each failed attempt once, beside the success that follows', async () => {
      const { registry, runs } = await openEmpty('a');
      const outcome = {
        state: 'failed',
        error: new AppError('CORPUS_EMPTY', 'No dialogue in it.').toJSON(),
      } as const;
      const failed = sampleExecution(runs[0]!, { outcome, cacheKey: null, activityId: '7', attempt: 1 });
      const { id } = await registry.recordStageExecution(failed);
      expect(await registry.recordStageExecution(failed)).toEqual({ id, recorded: false, outputs: null });
      for (const again of [{ attempt: 2 }, { activityId: '8' }])
        expect(await registry.recordStageExecution({ ...failed, ...again })).toMatchObject({
          recorded: true,
        });
      await registry.recordStageExecution(sampleExecution(runs[0]!, { activityId: '7', attempt: 3 }));
      const { stages } = await registry.getRun(runs[0]!);
      expect(stages.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'ran']);
      expect(stages[0]).toMatchObject({
        error: { code: 'CORPUS_EMPTY', message: 'No dialogue in it.' },
        outputs: null,
        cacheKey: null,
      });
      await registry.close();
    });

    it('takes hundreds at once, with doubles among them', async () => {
      const { registry, runs } = await openEmpty('a');
      const execution = (i: number) =>
        sampleExecution(runs[0]!, {
          node: `map[${i}]`,
          cacheKey: digestOf(`key ${i}`),
          outcome: { state: 'ran', outputs: { part: sampleRef('part', `${i % 10}`) } },
        });
      const results = await Promise.all(
        Array.from({ length: 600 }, (_, i) => registry.recordStageExecution(execution(i % 500))),
      );
      expect(results.filter(({ recorded }) => recorded)).toHaveLength(500);
      for (const [i, result] of results.entries())
        expect(result.outputs).toEqual({ part: sampleRef('part', `${i % 10}`) });
      expect((await registry.getRun(runs[0]!)).stages).toHaveLength(500);
      await registry.close();
    });

    it('does not let one bad execution spoil those that share its batch', async () => {
      const { registry, runs } = await openEmpty('a');
      const settled = await Promise.allSettled([
        registry.recordStageExecution(sampleExecution(runs[0]!)),
        registry.recordStageExecution(sampleExecution('nobody/started' as (typeof runs)[0] & string)),
        registry.recordStageExecution(sampleExecution(runs[0]!, { node: 'other' })),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((settled[1] as PromiseRejectedResult).reason).toMatchObject({
        code: 'RUN_UNKNOWN',
        message: expect.stringContaining('no run "nobody/started"'),
      });
      await registry.close();
    });

    it('lets several connections record the same executions in different orders', async ({ skip }) => {
      const { registry, connect, runs } = await openEmpty('a');
      if (connect === undefined) return skip('The registry has one connection.');
      const workers = [registry, ...(await Promise.all([connect(), connect(), connect()]))];
      const run = runs[0]!;
      const numbers = Array.from({ length: 100 }, (_, i) => i);
      const record = (worker: number, i: number) =>
        workers[worker]!.recordStageExecution(
          sampleExecution(run, {
            node: `n${i}`,
            outcome: { state: 'ran', outputs: { part: sampleRef('part', `${(i * 7) % 50}`), by: worker } },
          }),
        );
      const all = await Promise.all(
        workers.map((_, worker) =>
          Promise.all((worker % 2 === 0 ? numbers : [...numbers].reverse()).map((i) => record(worker, i))),
        ),
      );
      expect(all.flat().filter(({ recorded }) => recorded)).toHaveLength(100);
      for (const i of numbers) {
        const seen = all.map((results, worker) => results[worker % 2 === 0 ? i : 99 - i]!.outputs);
        expect(new Set(seen.map((outputs) => JSON.stringify(outputs))).size).toBe(1);
      }
      await Promise.all(workers.map((worker) => worker.close()));
    });
  });

  describe('findReusable', () => {
    it('finds the newest execution that ran under the key, in any run', async () => {
      const { registry, runs } = await openEmpty('a', 'b', 'c');
      const key = digestOf('key');
      expect(await registry.findReusable(key)).toBeUndefined();
      await registry.recordStageExecution(
        sampleExecution(runs[0]!, { outcome: { state: 'failed', error: 'no' } }),
      );
      expect(await registry.findReusable(key)).toBeUndefined();
      await registry.recordStageExecution(sampleExecution(runs[0]!));
      const newest = await registry.recordStageExecution(
        sampleExecution(runs[1]!, { outcome: { state: 'ran', outputs: { n: 2 } } }),
      );
      await registry.recordStageExecution(
        sampleExecution(runs[2]!, { outcome: { state: 'reused', outputs: { n: 2 } } }),
      );
      expect(await registry.findReusable(key)).toEqual({
        id: newest.id,
        run: runs[1],
        node: 'tokenize',
        outputs: { n: 2 },
        recordedAt: expect.any(Date),
      });
      expect((await registry.getRun(runs[2]!)).stages[0]).toMatchObject({
        state: 'reused',
        reusedFrom: newest.id,
      });
      const found = await Promise.all(
        [digestOf('none'), key, digestOf('none'), key].map((each) => registry.findReusable(each)),
      );
      expect(found.map((each) => each?.id)).toEqual([undefined, newest.id, undefined, newest.id]);
      await registry.close();
    });

    it('gives a run that reuses an execution the metrics of it, too', async () => {
      const { registry, runs } = await openEmpty('a', 'b', 'c');
      const f1 = { scope: 'valid', name: 'macroF1', step: 0, value: 0.6 };
      const auc = { scope: 'valid', name: 'auc', step: 0, value: 0.7 };
      await registry.recordStageExecution(sampleExecution(runs[0]!, { metrics: [f1, auc] }));
      await registry.recordMetrics(runs[0]!, [{ scope: 'run', name: 'seconds', value: 9 }]);
      const reused = sampleExecution(runs[1]!, { outcome: { state: 'reused', outputs: {} } });
      await Promise.all(
        [reused, { ...reused, node: 'again' }].map((each) => registry.recordStageExecution(each)),
      );
      expect((await registry.getRun(runs[1]!)).metrics).toEqual([auc, f1]);
      await registry.recordStageExecution(
        sampleExecution(runs[2]!, {
          outcome: { state: 'reused', outputs: {} },
          metrics: [{ ...auc, value: 0.8 }],
        }),
      );
      expect((await registry.getRun(runs[2]!)).metrics).toEqual([{ ...auc, value: 0.8 }, f1]);
      await registry.close();
    });
  });
}
