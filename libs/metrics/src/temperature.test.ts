import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { applyTemperature, evaluateScores, fitTemperature } from './index.ts';

/** Labels drawn from the probabilities, which are then made overconfident by `temperature`. */
function overconfident(temperature: number): { labels: number[]; probabilities: number[] } {
  const random = counterRandom(3, 'overconfident');
  const honest = Array.from({ length: 4000 }, (_, i) => 0.02 + 0.96 * random.uniform(i));
  return {
    labels: honest.map((p, i) => (random.uniform(10_000 + i) < p ? 1 : 0)),
    probabilities: honest.map((p) => applyTemperature(p, 1 / temperature)),
  };
}

describe('fitTemperature', () => {
  it.each([0.5, 1, 2.5])('recovers the temperature %f that spoilt a calibrated model', (temperature) => {
    const examples = overconfident(temperature);
    expect(fitTemperature(examples) / temperature).toBeCloseTo(1, 1);
  });

  it('mends the calibration and leaves the order alone', () => {
    const examples = overconfident(2.5);
    const temperature = fitTemperature(examples);
    const mended = {
      ...examples,
      probabilities: examples.probabilities.map((p) => applyTemperature(p, temperature)),
    };
    const [before, after] = [
      evaluateScores(examples, { bootstrap: false }),
      evaluateScores(mended, { bootstrap: false }),
    ];
    expect(after.ece).toBeLessThan(before.ece / 2);
    expect(after.auc).toBeCloseTo(before.auc as number, 9);
    expect(after.confusion).toEqual(before.confusion);
  });

  it('stays in its range when labels ask for certainty or for nothing', () => {
    expect(fitTemperature({ labels: [0, 1], probabilities: [0.4, 0.6] })).toBeCloseTo(0.05, 6);
    expect(fitTemperature({ labels: [1, 0], probabilities: [0.4, 0.6] })).toBeCloseTo(20, 4);
    expect(fitTemperature({ labels: [1, 0], probabilities: [1, 0] })).toBeLessThan(20);
  });
});
