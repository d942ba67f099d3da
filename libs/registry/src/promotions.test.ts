import { describe, expect, it } from 'vitest';
import type { NewPromotion } from './registry.ts';
import { openEmpty } from './testing/open-empty.ts';
import { sampleRef } from './testing/sample.ts';

describe('promotions', () => {
  it('keep who decided and why, and move the alias only with a yes', async () => {
    const { registry, runs } = await openEmpty('a', 'b');
    for (const content of ['one', 'two'])
      await registry.registerModel({ model: 'initiative', bundle: sampleRef('bundle', content) });
    const yes: NewPromotion = {
      run: runs[0]!,
      model: 'initiative',
      alias: 'champion',
      version: 1,
      approved: true,
      decidedBy: 'person',
      by: 'Ada',
      reason: 'the first',
      evidence: { macroF1: 0.6 },
    };
    expect(await registry.recordPromotion(yes)).toEqual({
      ...yes,
      previous: null,
      decidedAt: expect.any(Date),
    });
    const no: NewPromotion = {
      ...yes,
      run: runs[1]!,
      version: 2,
      approved: false,
      decidedBy: 'rule',
      by: null,
      reason: null,
    };
    expect(await registry.recordPromotion(no)).toMatchObject({ approved: false, previous: 1 });
    expect((await registry.getModel('initiative@champion')).version).toBe(1);
    expect((await registry.promotionsOf('initiative')).map(({ version, by }) => [version, by])).toEqual([
      [2, null],
      [1, 'Ada'],
    ]);
    await registry.close();
  });

  it('are made once by a run, whatever is repeated', async () => {
    const { registry, runs } = await openEmpty('a', 'b');
    for (const content of ['one', 'two'])
      await registry.registerModel({ model: 'initiative', bundle: sampleRef('bundle', content) });
    const decision = (run: number, version: number): NewPromotion => ({
      run: runs[run]!,
      model: 'initiative',
      alias: 'champion',
      version,
      approved: true,
      decidedBy: 'person',
      by: null,
      reason: null,
      evidence: {},
    });
    await registry.recordPromotion(decision(0, 1));
    await registry.recordPromotion(decision(1, 2));
    // The first run's stage is retried after its worker was lost. The retry must not undo the second
    // decision.
    expect(await registry.recordPromotion(decision(0, 1))).toMatchObject({ version: 1, previous: null });
    expect((await registry.getModel('initiative@champion')).version).toBe(2);
    await registry.close();
  });

  it('name a model and a run that there are', async () => {
    const { registry, runs } = await openEmpty('a');
    const decision = {
      run: runs[0]!,
      model: 'nobody',
      alias: 'champion',
      version: 1,
      approved: true,
      decidedBy: 'person',
      by: null,
      reason: null,
      evidence: {},
    } as const;
    await expect(registry.recordPromotion(decision)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
    await registry.registerModel({ model: 'nobody', bundle: sampleRef('bundle', 'one') });
    await expect(registry.recordPromotion({ ...decision, run: 'x/y' as never })).rejects.toMatchObject({
      code: 'RUN_UNKNOWN',
    });
    await registry.close();
  });
});
