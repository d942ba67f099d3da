import { digestOf, type RunId } from '@overture/core';
import { describe, expect, it } from 'vitest';
import type { StageClaim } from '../../registry.ts';
import type { OpenEmpty } from './open-empty.ts';
import { sampleExecution } from '../sample.ts';

const claim = (run: RunId, changes: Partial<StageClaim> = {}): StageClaim => ({
  run,
  node: 'tokenize',
  stage: 'tokenize',
  cacheKey: digestOf('key'),
  activityId: '7',
  attempt: 1,
  reuse: true,
  leaseMs: 60_000,
  ...changes,
});

/** The tests of leases. */
export function leaseConformance(openEmpty: OpenEmpty): void {
  describe('claimStage', () => {
    it('leases a key to one of all who ask at once, and tells the others who has it', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, i) => registry.claimStage(claim(runs[i % 2]!, { node: `n${i}` }))),
      );
      expect(answers.filter(({ kind }) => kind === 'leased')).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === 'held')).toHaveLength(39);
      expect(await registry.claimStage(claim(runs[1]!))).toEqual({
        kind: 'held',
        by: { run: runs[0], node: 'n0' },
      });
      await registry.close();
    });

    it('leases a key to one of several connections', async ({ skip }) => {
      const { registry, connect, runs } = await openEmpty('a');
      if (connect === undefined) return skip('The registry has one connection.');
      const registries = [registry, ...(await Promise.all([connect(), connect(), connect()]))];
      for (let i = 0; i < 10; i++) {
        const answers = await Promise.all(
          registries.map((each, n) =>
            each.claimStage(claim(runs[0]!, { node: `n${n}`, cacheKey: digestOf(`key ${i}`) })),
          ),
        );
        expect(answers.map(({ kind }) => kind).sort()).toEqual(['held', 'held', 'held', 'leased']);
      }
      await Promise.all(registries.map((each) => each.close()));
    });

    it('gives the output once it is recorded, with which the lease ends', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const leased = await registry.claimStage(claim(runs[0]!));
      if (leased.kind !== 'leased') throw new Error(leased.kind);
      const { id } = await registry.recordStageExecution(
        sampleExecution(runs[0]!, { lease: { cacheKey: digestOf('key'), token: leased.token } }),
      );
      expect(await registry.claimStage(claim(runs[1]!))).toMatchObject({
        kind: 'reusable',
        execution: { id, run: runs[0], node: 'tokenize', outputs: { truncated: 3 } },
      });
      // A claim without reuse gets the lease, which shows that the lease is free.
      expect(await registry.claimStage(claim(runs[1]!, { reuse: false }))).toMatchObject({
        kind: 'leased',
        contended: false,
      });
      await registry.close();
    });

    it('ends with the record of an execution that has neither artifacts nor measurements', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const leased = await registry.claimStage(claim(runs[0]!));
      if (leased.kind !== 'leased') throw new Error(leased.kind);
      const plain = {
        ...sampleExecution(runs[0]!, { lease: { cacheKey: digestOf('key'), token: leased.token } }),
        input: { n: 1 },
        metrics: [],
        outcome: { state: 'ran', outputs: { n: 2 } },
      } as const;
      const { id } = await registry.recordStageExecution(plain);
      expect(await registry.recordStageExecution(plain)).toEqual({ id, recorded: false, outputs: { n: 2 } });
      expect(await registry.claimStage(claim(runs[1]!))).toMatchObject({
        kind: 'reusable',
        execution: { id, outputs: { n: 2 } },
      });
      expect(await registry.claimStage(claim(runs[1]!, { reuse: false }))).toMatchObject({
        kind: 'leased',
        contended: false,
      });
      await registry.close();
    });

    it('passes a lease on when its holder does not renew it, and the holder hears of it', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      const first = await registry.claimStage(claim(runs[0]!, { leaseMs: 30 }));
      if (first.kind !== 'leased') throw new Error(first.kind);
      const lease = { cacheKey: digestOf('key'), token: first.token, leaseMs: 60_000 };
      expect(await registry.renewLease(lease)).toBe(true);
      expect(await registry.claimStage(claim(runs[1]!))).toMatchObject({ kind: 'held' });
      expect(await registry.renewLease({ ...lease, leaseMs: -1 })).toBe(true);
      expect(await registry.claimStage(claim(runs[1]!))).toMatchObject({ kind: 'leased', contended: true });
      expect(await registry.renewLease(lease)).toBe(false);
      await registry.releaseLease(lease);
      expect(await registry.claimStage(claim(runs[0]!))).toMatchObject({
        kind: 'held',
        by: { run: runs[1] },
      });
      await registry.close();
    });

    it('passes a lease to the next attempt of the same activity at once, and to no earlier one', async () => {
      const { registry, runs } = await openEmpty('a');
      await registry.claimStage(claim(runs[0]!));
      expect(await registry.claimStage(claim(runs[0]!))).toMatchObject({ kind: 'held' });
      expect(await registry.claimStage(claim(runs[0]!, { attempt: 2 }))).toMatchObject({ kind: 'leased' });
      expect(await registry.claimStage(claim(runs[0]!))).toMatchObject({ kind: 'held' });
      await registry.close();
    });

    it('tells of the execution before, of the same stage at the same node', async () => {
      const { registry, runs } = await openEmpty('a', 'b');
      await registry.recordStageExecution(sampleExecution(runs[0]!, { environment: { runtime: '1' } }));
      await registry.recordStageExecution(
        sampleExecution(runs[0]!, { node: 'other', cacheKey: digestOf('other') }),
      );
      const answer = await registry.claimStage(claim(runs[1]!, { cacheKey: digestOf('new') }));
      expect(answer).toMatchObject({
        kind: 'leased',
        before: {
          run: runs[0],
          version: 1,
          input: { maxLength: 256 },
          environment: { runtime: '1' },
          fingerprint: null,
        },
      });
      expect(await registry.earlierExecutions({ stage: 'tokenize' })).toHaveLength(2);
      expect(await registry.earlierExecutions({ stage: 'tokenize', node: 'tokenize' })).toMatchObject([
        { run: runs[0], environment: { runtime: '1' } },
      ]);
      expect(await registry.executionOf('a', 'other')).toMatchObject({
        node: 'other',
        cacheKey: digestOf('other'),
      });
      expect(await registry.executionOf('a', 'nowhere')).toBeUndefined();
      await registry.close();
    });
  });
}
