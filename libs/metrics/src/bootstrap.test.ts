import { AppError, counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { jointDraws } from './bootstrap.ts';
import {
  bootstrapDraws,
  drawResamples,
  evaluateScores,
  metricTable,
  pairedDifference,
  percentileInterval,
  sampleWeigher,
} from './index.ts';
import { randomScores } from './random-scores.fixture.ts';

const statistics = { macroF1: metricTable.macroF1.of, auc: metricTable.auc.of, brier: metricTable.brier.of };

describe('bootstrapDraws', () => {
  it('equals scoring the resampled conversations one by one', () => {
    const examples = randomScores(60, 11);
    const options = { samples: 25, seed: 5 };
    const draws = bootstrapDraws(sampleWeigher(examples, 0.5), statistics, options);
    const ids = [...new Set(examples.groups)].sort();
    const random = counterRandom(options.seed, 'bootstrap');
    for (let sample = 0; sample < options.samples; sample++) {
      const chosen = ids.map((_, draw) => ids[random.below(sample * ids.length + draw, ids.length)]);
      const indices = chosen.flatMap((id) =>
        examples.groups.flatMap((group, i) => (group === id ? [i] : [])),
      );
      const slow = evaluateScores(
        {
          labels: indices.map((i) => examples.labels[i]),
          probabilities: indices.map((i) => examples.probabilities[i]),
        },
        { bootstrap: false },
      );
      expect(draws.macroF1[sample]).toBeCloseTo(slow.macroF1, 12);
      expect(draws.auc[sample]).toBeCloseTo(slow.auc as number, 12);
      expect(draws.brier[sample]).toBeCloseTo(slow.brier, 12);
    }
  });

  it('is the same for several models at once, on shared resamples or not, and tells how far it is', () => {
    const examples = randomScores(80, 4);
    const options = { samples: 60, seed: 9 };
    const weighers = [0.3, 0.5].map((threshold) => sampleWeigher(examples, threshold));
    const alone = weighers.map((weigher) => bootstrapDraws(weigher, statistics, options));
    const told: number[][] = [];
    expect(jointDraws(weighers, statistics, { ...options, onProgress: (...at) => told.push(at) })).toEqual(
      alone,
    );
    expect(told).toEqual([
      [20, 60],
      [40, 60],
      [60, 60],
    ]);
    expect(
      jointDraws(weighers, statistics, { resamples: drawResamples(weighers[0]!.groupCount, options) }),
    ).toEqual(alone);
  });

  it('gives intervals of about the width that theory says', () => {
    const n = 400;
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    const probabilities = labels.map((label, i) => (i % 10 < 7 === (label === 1) ? 0.9 : 0.1));
    const { ci95, accuracy } = evaluateScores({ labels, probabilities });
    const [low, high] = ci95?.accuracy as readonly [number, number];
    const halfWidth = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / n);
    expect((high - low) / 2 / halfWidth).toBeGreaterThan(0.9);
    expect((high - low) / 2 / halfWidth).toBeLessThan(1.1);
  });

  it('is wider when examples come in conversations of copies', () => {
    const { labels, probabilities } = randomScores(100, 4);
    const tripled = [0, 1, 2].flatMap(() => labels.map((_, i) => i));
    const copies = {
      labels: tripled.map((i) => labels[i]),
      probabilities: tripled.map((i) => probabilities[i]),
    };
    const width = ([low, high]: readonly [number, number]): number => high - low;
    const alone = evaluateScores(copies).ci95?.macroF1 as [number, number];
    const grouped = evaluateScores({ ...copies, groups: tripled.map((i) => `c${i}`) }).ci95?.macroF1 as [
      number,
      number,
    ];
    expect(width(grouped) / width(alone)).toBeGreaterThan(1.5);
  });

  it('is repeatable, and another seed draws otherwise', () => {
    const examples = randomScores(60, 2);
    const intervals = (seed: number): unknown =>
      evaluateScores(examples, { bootstrap: { samples: 200, seed } }).ci95;
    expect(intervals(7)).toEqual(intervals(7));
    expect(intervals(7)).not.toEqual(intervals(8));
  });

  it('refuses a seed that is none', () => {
    expect(() => evaluateScores(randomScores(5, 1), { bootstrap: { seed: -1 } })).toThrow(AppError);
    expect(() => evaluateScores(randomScores(5, 1), { bootstrap: { seed: -1 } })).toThrow(
      'A seed must be an integer from 0 to 2^53 - 1. Got -1 instead.',
    );
  });
});

describe('percentileInterval', () => {
  it('interpolates like NumPy', () => {
    expect(percentileInterval(Float64Array.from([4, 1, 3, 2]))).toEqual([1.075, 3.925]);
  });

  it('leaves undefined draws out, and is null when they are half', () => {
    expect(percentileInterval(Float64Array.from([1, NaN, 1]))).toEqual([1, 1]);
    expect(percentileInterval(Float64Array.from([1, NaN]))).toBeNull();
  });
});

describe('pairedDifference', () => {
  it('is exactly zero between a model and itself, and null where one side is undefined', () => {
    const draws = Float64Array.from([0.1, 0.5, 0.3]);
    expect(pairedDifference({ value: 0.3, draws }, { value: 0.3, draws })).toEqual({
      value: 0,
      ci95: [0, 0],
    });
    expect(pairedDifference({ value: null, draws }, { value: 0.3, draws })).toEqual({
      value: null,
      ci95: null,
    });
  });
});
