import { describe, expect, it } from 'vitest';
import { evaluateScores, thresholdPoints, tuneThreshold } from './index.ts';
import { randomScores } from './random-scores.fixture.ts';

describe('tuneThreshold', () => {
  it.each([1, 2, 3])('finds what trying every threshold finds, seed %i', (seed) => {
    const examples = randomScores(70, seed);
    const tuned = tuneThreshold(examples);
    const tried = Array.from(
      { length: 2001 },
      (_, i) => evaluateScores(examples, { threshold: i / 2000, bootstrap: false }).macroF1,
    );
    expect(tuned.macroF1).toBe(Math.max(...tried));
    expect(evaluateScores(examples, { threshold: tuned.threshold, bootstrap: false }).macroF1).toBe(
      tuned.macroF1,
    );
  });

  it('keeps 0.5 where nothing is better', () => {
    expect(tuneThreshold({ labels: [0, 0, 1, 1], probabilities: [0.1, 0.2, 0.7, 0.9] })).toEqual({
      threshold: 0.5,
      macroF1: 1,
    });
  });

  it('takes the middle between neighbors otherwise', () => {
    expect(tuneThreshold({ labels: [0, 1, 1], probabilities: [0.1, 0.25, 0.375] })).toEqual({
      threshold: 0.175,
      macroF1: 1,
    });
  });

  it('takes the lower of two that are equally far from 0.5', () => {
    const examples = { labels: [0, 1, 0, 1], probabilities: [0.125, 0.375, 0.625, 0.875] };
    const points = thresholdPoints(examples);
    const best = Math.max(...points.map((point) => point.macroF1));
    expect(points.filter((point) => point.macroF1 === best).map((point) => point.threshold)).toEqual([
      0.75, 0.25,
    ]);
    expect(tuneThreshold(examples).threshold).toBe(0.25);
  });

  it('works with one example, one class, and probabilities at the ends', () => {
    expect(tuneThreshold({ labels: [1], probabilities: [0.2] })).toEqual({ threshold: 0.1, macroF1: 0.5 });
    expect(tuneThreshold({ labels: [0, 0], probabilities: [0.5, 0.75] })).toEqual({
      threshold: 0.875,
      macroF1: 0.5,
    });
    expect(tuneThreshold({ labels: [0, 1], probabilities: [0, 1] })).toEqual({ threshold: 0.5, macroF1: 1 });
  });
});

describe('thresholdPoints', () => {
  it('counts at each threshold what scoring there counts', () => {
    const examples = randomScores(50, 9);
    for (const point of thresholdPoints(examples)) {
      const scores = evaluateScores(examples, { threshold: point.threshold, bootstrap: false });
      expect(point.confusion).toEqual(scores.confusion);
      expect(point.macroF1).toBe(scores.macroF1);
    }
  });
});
