import { counterRandom, shuffled } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { evaluateScores, metricNames, type Scores } from './index.ts';
import { randomScores } from './random-scores.fixture.ts';

const seeds = [1, 2, 3, 4, 5];
const plain = { bootstrap: false } as const;

function expectSameScores(a: Scores, b: Scores): void {
  for (const name of metricNames) expect(a[name]).toBeCloseTo(b[name] as number, 12);
  expect(a.perClass).toEqual(b.perClass);
  expect(a.confusion).toEqual(b.confusion);
}

describe.each(seeds)('properties of scores, seed %i', (seed) => {
  const examples = randomScores(80, seed);
  const scores = evaluateScores(examples, plain);
  const indices = examples.labels.map((_, i) => i);

  it('the order of examples changes nothing, intervals included', () => {
    const order = shuffled(indices, counterRandom(seed, 'order'));
    const reordered = {
      labels: order.map((i) => examples.labels[i]),
      probabilities: order.map((i) => examples.probabilities[i]),
      groups: order.map((i) => examples.groups[i]),
    };
    const bootstrap = { samples: 100, seed: 3 };
    const [before, after] = [
      evaluateScores(examples, { bootstrap }),
      evaluateScores(reordered, { bootstrap }),
    ];
    expectSameScores(before, after);
    expect(after.ci95?.macroF1).toEqual(before.ci95?.macroF1);
    expect(after.ci95?.perClass).toEqual(before.ci95?.perClass);
  });

  it('exchanging the classes exchanges their scores and keeps the symmetric ones', () => {
    // 1 - p ≥ 0.5 if and only if p ≤ 0.5, so a probability of exactly 0.5 would change sides.
    const apart = examples.probabilities.map((p) => (p === 0.5 ? 0.51 : p));
    const original = evaluateScores({ ...examples, probabilities: apart }, plain);
    const mirrored = evaluateScores(
      { labels: examples.labels.map((y) => 1 - y), probabilities: apart.map((p) => 1 - p) },
      plain,
    );
    expect(mirrored.perClass.initiative).toEqual(original.perClass.noInitiative);
    expect(mirrored.perClass.noInitiative).toEqual(original.perClass.initiative);
    for (const name of ['macroF1', 'accuracy', 'balancedAccuracy', 'auc', 'mcc', 'brier'] as const) {
      expect(mirrored[name]).toBeCloseTo(original[name] as number, 12);
    }
  });

  it('an integer weight counts as copies, and 0 as absence', () => {
    const random = counterRandom(seed, 'weights');
    const weights = indices.map((i) => random.below(i, 4));
    const copies = indices.flatMap((i) => Array.from({ length: weights[i] }, () => i));
    const repeated = evaluateScores(
      {
        labels: copies.map((i) => examples.labels[i]),
        probabilities: copies.map((i) => examples.probabilities[i]),
      },
      plain,
    );
    expectSameScores(evaluateScores({ ...examples, weights }, plain), repeated);
  });

  it('scaling all weights changes no score', () => {
    const heavy = evaluateScores({ ...examples, weights: indices.map(() => 2.5) }, plain);
    for (const name of metricNames) expect(heavy[name]).toBeCloseTo(scores[name] as number, 12);
  });

  it('a monotone change of probabilities keeps AUC and average precision', () => {
    const squeezed = evaluateScores(
      { ...examples, probabilities: examples.probabilities.map((p) => p ** 3) },
      plain,
    );
    expect(squeezed.auc).toBeCloseTo(scores.auc as number, 12);
    expect(squeezed.averagePrecision).toBeCloseTo(scores.averagePrecision as number, 12);
  });
});
