import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { vectorKernels } from './vector-kernels.ts';
import { VectorLoops } from './vector-loops.ts';

const n = 64;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const kernels = vectorKernels(new VectorLoops(memory));
const buffer = (index: number): Float32Array => new Float32Array(memory.buffer, index * n * 4, n);
const fill = (index: number, scale: number): Float32Array => {
  const random = counterRandom(5, 'kernel', index);
  return buffer(index).map((_, i) => random.normal(i) * scale);
};
describe('vectorKernels', () => {
  it('sumOfSquares equals a float64 sum', () => {
    const values = fill(3, 3);
    buffer(3).set(values);
    expect(kernels.sumOfSquares(n * 12, n)).toBeCloseTo(
      values.reduce((sum, x) => sum + x * x, 0),
      10,
    );
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
