import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { vectorKernels, type AdamWFactors } from './vector-kernels.ts';

const n = 64;
const memory = new WebAssembly.Memory({ initial: 1 });
const kernels = vectorKernels(memory);
const buffer = (index: number): Float32Array => new Float32Array(memory.buffer, index * n * 4, n);
const fill = (index: number, scale: number): Float32Array => {
  const random = counterRandom(5, 'kernel', index);
  return buffer(index).map((_, i) => random.normal(i) * scale);
};
const f = Math.fround;

/** The slow path: float32 arithmetic spelled out. */
function adamWReference([p, m, v, g]: Float32Array[], x: AdamWFactors): void {
  for (let i = 0; i < n; i++) {
    const grad = f(g[i] * f(x.gradientScale));
    m[i] = m[i] + f(f(grad - m[i]) * f(1 - x.beta1));
    v[i] = f(v[i] * f(x.beta2)) + f(f(grad * grad) * f(1 - x.beta2));
    const denominator = f(f(f(Math.sqrt(v[i])) * f(x.inverseCorrection2)) + f(x.epsilon));
    p[i] = f(p[i] * f(x.keep)) - f(f(f(x.stepSize) * m[i]) / denominator);
  }
}

describe('vectorKernels', () => {
  it('adamW equals its slow path bit for bit, step after step', () => {
    const slow = [fill(0, 1), fill(1, 0.1), fill(2, 0.1).map(Math.abs), fill(3, 1)];
    slow.forEach((values, i) => buffer(i).set(values));
    for (let step = 1; step <= 5; step++) {
      const factors = {
        keep: 1 - 1e-3 * 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, gradientScale: 1 / step,
        inverseCorrection2: 1 / Math.sqrt(1 - 0.999 ** step), stepSize: 1e-3 / (1 - 0.9 ** step),
      };
      adamWReference(slow, factors);
      kernels.adamW({ parameters: 0, first: n * 4, second: n * 8, gradient: n * 12 }, n, factors);
      for (let i = 0; i < 3; i++) expect(buffer(i)).toEqual(slow[i]);
    }
  });

  it('sumOfSquares equals a float64 sum', () => {
    const values = fill(3, 3);
    buffer(3).set(values);
    expect(kernels.sumOfSquares(n * 12, n)).toBeCloseTo(values.reduce((sum, x) => sum + x * x, 0), 10);
    expect(kernels.sumOfSquares(n * 12, 0)).toBe(0);
  });

  it('add adds in place', () => {
    buffer(0).set(fill(0, 1));
    buffer(1).set(fill(1, 1));
    kernels.add(0, n * 4, n);
    expect(buffer(0)).toEqual(fill(0, 1).map((x, i) => x + fill(1, 1)[i]));
  });

  it('refuses a count that is not a multiple of its lanes', () => {
    expect(() => kernels.add(0, 16, 3)).toThrow('A count must be a multiple of 4. Got 3 instead.');
  });
});
