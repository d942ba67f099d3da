import { denseRows, fitLogisticRegression } from '@overture/baselines';
import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { linearProbe } from './linear-probe.ts';

const [count, width] = [60, 4];
const random = counterRandom(3, 'probe');
const labels = Array.from({ length: count }, (_, i) => Number(i % 3 === 0));
/** Column 0 determines the class, column 2 is almost constant, and the columns have different scales. */
const pooled = Float32Array.from({ length: count * width }, (_, i) => {
  const [row, column] = [Math.floor(i / width), i % width];
  return column === 2 ? 1e-30 * i : 3 ** column * (random.normal(i) + (column === 0 ? 2 * labels[row] : 3));
});

/** logit 1 − logit 0 of every row. */
function margins({ weight, bias }: ReturnType<typeof linearProbe>): number[] {
  const logit = (row: number, k: number): number => {
    let sum = bias[k];
    for (let column = 0; column < width; column++)
      sum += pooled[row * width + column] * weight[k * width + column];
    return sum;
  };
  return labels.map((_, row) => logit(row, 1) - logit(row, 0));
}

describe('linearProbe', () => {
  it('is the logistic regression over standardized features, folded into weight and bias', () => {
    const standardized = new Float64Array(pooled.length);
    for (let column = 0; column < width; column++) {
      const values = Array.from({ length: count }, (_, row) => pooled[row * width + column]);
      const mean = values.reduce((a, b) => a + b) / count;
      const deviation =
        column === 2 ? Infinity : Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count);
      values.forEach((x, row) => (standardized[row * width + column] = (x - mean) / deviation));
    }
    const rows = denseRows(standardized, width);
    const expected = fitLogisticRegression(rows, labels, {
      inversePenalty: 1e-4,
      classWeight: 'balanced',
    }).predict(rows);
    margins(linearProbe(pooled, labels, { classWeights: [0.75, 1.5], bias: true })).forEach((margin, i) =>
      expect(1 / (1 + Math.exp(-margin))).toBeCloseTo(expected[i], 5),
    );
  });

  it('weighs a sample as the examples that it stands for', () => {
    const twice = linearProbe(Float32Array.from([...pooled, ...pooled]), [...labels, ...labels], {
      classWeights: [0.75, 1.5],
      bias: true,
    });
    const sample = linearProbe(pooled, labels, {
      classWeights: [0.75, 1.5],
      bias: true,
      population: 2 * labels.length,
    });
    const once = linearProbe(pooled, labels, { classWeights: [0.75, 1.5], bias: true });
    twice.weight.forEach((expected, i) => expect(sample.weight[i]).toBeCloseTo(expected, 6));
    expect(Math.abs(sample.weight[4] / once.weight[4])).toBeGreaterThan(1.5);
  });

  it('blows no column up', () => {
    const { weight } = linearProbe(pooled, labels, { classWeights: [0.75, 1.5], bias: true });
    expect(Math.max(...weight.map(Math.abs))).toBeLessThan(0.1);
    expect(Math.abs(weight[2])).toBeLessThan(1e-6);
  });

  it.each([true, false])('tells the classes apart by the column that does, bias %s', (bias) => {
    const head = linearProbe(pooled, labels, { classWeights: [0.75, 1.5], bias });
    const found = margins(head);
    const sum = (label: number): number =>
      found.filter((_, i) => labels[i] === label).reduce((a, b) => a + b, 0);
    expect(sum(1) / 20).toBeGreaterThan(sum(0) / 40);
    expect(head.bias.some((value) => value !== 0)).toBe(bias);
  });

  it('asks for more initiative when missing it costs more', () => {
    const positives = (weights: readonly [number, number]): number =>
      margins(linearProbe(pooled, labels, { classWeights: weights, bias: true })).filter(
        (margin) => margin > 0,
      ).length;
    expect(positives([1, 1])).toBeLessThan(positives([0.75, 1.5]));
    expect(positives([0.1, 10])).toBe(count);
  });
});
