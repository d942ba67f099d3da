import { describe, expect, it } from 'vitest';
import { crossEntropy } from './losses/cross-entropy.ts';
import { calibrate, probabilitiesOf, validationScores, meanLoss } from './validation.ts';

const logits = Float32Array.of(2, 0, 0, 1, -1, 1, 3, 2);
const labels = [0, 1, 1, 1];

describe('validation', () => {
  it('turns two logits into the probability of class 1', () => {
    expect([...probabilitiesOf(Float32Array.of(0, 0, 0, Math.log(3)))].map((p) => p.toFixed(6))).toEqual([
      '0.500000',
      '0.750000',
    ]);
  });

  it('weights the loss as PyTorch does: a weighted mean', () => {
    const p = probabilitiesOf(logits);
    const terms = labels.map(
      (label, i) => [label === 1 ? 3 : 0.5, -Math.log(label === 1 ? p[i] : 1 - p[i])] as const,
    );
    const expected =
      terms.reduce((sum, [w, loss]) => sum + w * loss, 0) / terms.reduce((sum, [w]) => sum + w, 0);
    expect(meanLoss({ labels, logits }, crossEntropy(), [0.5, 3])).toBeCloseTo(expected, 10);
  });

  it('stays finite for logits far apart', () => {
    expect(
      meanLoss({ labels: [0, 1], logits: Float32Array.of(0, 1000, 0, 1000) }, crossEntropy(), [1, 1]),
    ).toBeCloseTo(500);
  });

  it('scores at 0.5 and tunes the threshold', () => {
    expect(validationScores({ labels, logits }).positiveRecall).toBeCloseTo(2 / 3);
    const { threshold, temperature } = calibrate({ labels, logits });
    expect(threshold).toBeLessThan(probabilitiesOf(logits)[3]);
    expect(temperature).toBeGreaterThan(0);
  });
});
