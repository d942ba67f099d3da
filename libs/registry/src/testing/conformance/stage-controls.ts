import { digestOf, type RunId } from '@overture/core';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { NewControl, RunRegistry } from '../../registry.ts';
import type { OpenEmpty } from './open-empty.ts';
import { sampleExecution } from '../sample.ts';

const cacheKey = digestOf('key');
const request = (run: RunId, changes: Partial<NewControl> = {}): NewControl => ({
  id: randomUUID(),
  run,
  node: 'fineTune',
  action: { learningRate: 0.5 },
  by: 'Ada',
  ...changes,
});

async function leaseOf(registry: RunRegistry, run: RunId, attempt = 1): Promise<{ token: string }> {
  const answer = await registry.claimStage({
    run,
    node: 'fineTune',
    stage: 'fineTune',
    cacheKey,
    activityId: '7',
    attempt,
    reuse: false,
    leaseMs: 60_000,
  });
  if (answer.kind !== 'leased') throw new Error(answer.kind);
  return answer;
}

/** The tests of control requests. */
export function controlConformance(openEmpty: OpenEmpty): void {
  describe('controls', () => {
    it('are kept once each, in the order in which they were asked, by run and node', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const [run, other] = runs as [RunId, RunId];
      const [first, second] = [request(run), request(run, { action: 'evaluateNow', by: null })];
      for (const each of [first, second, first, request(run, { node: 'other' }), request(other)])
        await registry.requestControl(each);
      const kept = await registry.controlsOf(run, 'fineTune');
      expect(kept).toEqual(
        [first, second].map((each) => ({ ...each, askedAt: expect.any(Date) as Date, applied: null })),
      );
      expect((await registry.getRun(run)).controls.map(({ node }) => node)).toEqual([
        'fineTune',
        'fineTune',
        'other',
      ]);
      await expect(registry.requestControl(request('nobody/started' as RunId))).rejects.toMatchObject({
        code: 'RUN_UNKNOWN',
      });
      await registry.close();
    });

    it('take effect where they first did, however often that is said', async () => {
      const { registry, runs } = await openEmpty('a');
      const control = request(runs[0]!);
      await registry.requestControl(control);
      const lease = await leaseOf(registry, runs[0]!);
      const where = { cacheKey, step: 10, changesResult: true };
      expect(await registry.applyControl(control.id, where, lease)).toBe(true);
      expect(await registry.applyControl(control.id, where, lease)).toBe(true);
      expect(await registry.applyControl(control.id, { ...where, step: 12 }, lease)).toBe(false);
      expect(await registry.applyControl(randomUUID(), where, lease)).toBe(false);
      expect((await registry.controlsOf(runs[0]!, 'fineTune')).map(({ applied }) => applied)).toEqual([
        where,
      ]);
      await registry.close();
    });

    it('take effect only under the lease of their work: an attempt that was superseded changes nothing', async () => {
      const { registry, runs } = await openEmpty('a');
      const control = request(runs[0]!);
      await registry.requestControl(control);
      const stalled = await leaseOf(registry, runs[0]!);
      const next = await leaseOf(registry, runs[0]!, 2);
      const where = { cacheKey, step: 10, changesResult: true };
      expect(await registry.applyControl(control.id, where, stalled)).toBe(false);
      expect((await registry.controlsOf(runs[0]!, 'fineTune')).map(({ applied }) => applied)).toEqual([null]);
      expect(await registry.applyControl(control.id, { ...where, step: 4 }, next)).toBe(true);
      await registry.close();
    });

    it('of an execution are kept with it, and its lease ends although its key is another', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const { token } = await leaseOf(registry, runs[0]!);
      const controls = [{ action: 'stopAfterEpoch', step: 7 }];
      await registry.recordStageExecution(
        sampleExecution(runs[0]!, { cacheKey: digestOf('amended'), controls, lease: { cacheKey, token } }),
      );
      expect((await registry.getRun(runs[0]!)).stages).toMatchObject([{ controls }]);
      expect(await registry.earlierExecutions({ stage: 'tokenize' })).toMatchObject([{ controls }]);
      expect(await leaseOf(registry, runs[1]!)).toMatchObject({ contended: false });
      expect(await registry.findReusable(cacheKey)).toBeUndefined();
      await registry.close();
    });
  });
}
