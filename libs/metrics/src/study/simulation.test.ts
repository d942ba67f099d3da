import { describe, expect, it } from 'vitest';
import { studyReport, type Contrast } from '../index.ts';
import { drawnStudy, type DrawnArm } from '../testing/drawn-study.ts';

// OVERTURE_SIMULATIONS multiplies the number of simulated studies. 50 takes a few minutes and estimates rates
// to about one percentage point.
const times = Number(process.env['OVERTURE_SIMULATIONS'] ?? 1);
const studies = 40 * times;
const contrasts = [
  { name: 'first', question: '', better: 'one', than: 'other' },
  { name: 'second', question: '', better: 'two', than: 'other' },
  { name: 'best', question: '', better: 'best', than: 'other' },
];

/**
 * The contrasts of many studies with newly drawn arms. The arms only make decisions, since only macro-F1 is
 * checked.
 */
function simulate(arms: readonly DrawnArm[], seed: number): Contrast[][] {
  return Array.from({ length: studies }, (_, i) => [
    ...studyReport(
      drawnStudy(
        arms.map((arm) => ({ ...arm, hard: true })),
        { conversations: 150, seed: seed + i, contrasts },
      ),
      { samples: 199, seed: i },
    ).contrasts,
  ]);
}

const share = (count: number): number => count / studies;
/** Three standard errors above a rate: the upper limit of chance for this many studies. */
const atMost = (rate: number): number => rate + 3 * Math.sqrt((rate * (1 - rate)) / studies);

describe(`of ${studies} studies`, { timeout: 600_000 * times }, () => {
  it('without an effect hardly more than the nominal share finds one: named contrasts, the best of many, any of them after Holm', () => {
    const all = simulate(
      ['one', 'two', 'three', 'four']
        .map((name) => ({ name, signal: 0.8 }))
        .concat({ name: 'other', signal: 0.8 }),
      1000,
    );
    const rejected = [0, 1, 2].map((i) => share(all.filter((found) => found[i]!.macroF1.p! <= 0.05).length));
    const any = share(all.filter((found) => found.some(({ macroF1 }) => macroF1.holm! <= 0.05)).length);
    const naive = share(
      all.filter((found) => found[2]!.macroF1.value! > 0 && found[2]!.macroF1.p! <= 0.05).length,
    );
    if (times > 1)
      process.stdout.write(
        `no effect, ${studies} studies: rejected ${rejected.join(', ')} (named, named, best), any after Holm ${any}, best above ${naive}\n`,
      );
    for (const rate of rejected) expect(rate).toBeLessThanOrEqual(atMost(0.06));
    expect(any).toBeLessThanOrEqual(atMost(0.06));
  });

  it('with a real effect nearly all find it, in the right direction, and none of the arm that has none is believed more often than by chance', () => {
    const all = simulate(
      [
        { name: 'one', signal: 2.2 },
        { name: 'two', signal: 0.6 },
        { name: 'other', signal: 0.6, family: 'floor' },
      ],
      5000,
    );
    const found = (i: number): number =>
      share(all.filter((study) => study[i]!.macroF1.holm! <= 0.05 && study[i]!.macroF1.value! > 0).length);
    if (times > 1)
      process.stdout.write(
        `an effect, ${studies} studies: found ${found(0)} (named), ${found(2)} (best), ${found(1)} where there is none\n`,
      );
    expect(found(0)).toBeGreaterThan(0.9);
    expect(found(2)).toBeGreaterThan(0.9);
    expect(found(1)).toBeLessThanOrEqual(atMost(0.05));
  });
});
