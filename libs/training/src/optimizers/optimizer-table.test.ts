import type { OptimizerName } from '@overture/training-settings';
import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { VectorLoops } from '../kernels/vector-loops.ts';
import { optimizerTable } from './optimizer-table.ts';

const n = 64;
const f = Math.fround;
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const buffer = (index: number): Float32Array => new Float32Array(memory.buffer, index * n * 4, n);
const drawn = (stream: number, scale: number): Float32Array => {
  const random = counterRandom(5, 'kernel', stream);
  return Float32Array.from({ length: n }, (_, i) => random.normal(i) * scale);
};

/** The optimizers' formulas in float32 on a single number. Returns the new parameter and the new moments. */
const slow: Readonly<
  Record<
    OptimizerName,
    (
      p: number,
      g: number,
      moments: readonly number[],
      factors: readonly number[],
    ) => readonly [number, ...number[]]
  >
> = {
  adamW(p, g, [m, v], [keep, oneMinusBeta1, beta2, oneMinusBeta2, correction, epsilon, stepSize, scale]) {
    const grad = f(g * scale);
    const mean = f(m + f(f(grad - m) * oneMinusBeta1));
    const square = f(f(v * beta2) + f(f(grad * grad) * oneMinusBeta2));
    return [
      f(f(p * keep) - f(f(stepSize * mean) / f(f(f(Math.sqrt(square)) * correction) + epsilon))),
      mean,
      square,
    ];
  },
  sgd(p, g, [m], [decay, momentum, rate, scale]) {
    const velocity = f(f(m * momentum) + f(f(g * scale) + f(decay * p)));
    return [f(p - f(rate * velocity)), velocity];
  },
  lion(p, g, [m], [keep, beta1, oneMinusBeta1, beta2, oneMinusBeta2, rate, scale]) {
    const grad = f(g * scale);
    const direction = Math.sign(f(f(m * beta1) + f(grad * oneMinusBeta1)));
    return [f(f(p * keep) - f(direction * rate)), f(f(m * beta2) + f(grad * oneMinusBeta2))];
  },
};

describe.each(Object.entries(optimizerTable))('%s', (name, { moments, kernel, factors }) => {
  const { [kernel.name]: run } = new VectorLoops(memory).compile([kernel]);

  it('equals its slow path bit for bit, step after step', () => {
    let parameters = drawn(0, 1);
    let kept = Array.from({ length: moments }, (_, i) => drawn(1 + i, 0.1).map(Math.abs));
    const gradient = drawn(9, 1);
    gradient[5] = kept[0][5] = 0; // a zero direction
    [parameters, gradient, ...kept].forEach((values, i) => buffer(i).set(values));
    for (let step = 1; step <= 5; step++) {
      const numbers = factors({
        learningRate: 1e-3,
        weightDecay: 0.01,
        step,
        gradientScale: 1 / step,
        momentum: 0.9,
      });
      const rows = Array.from(parameters, (p, i) =>
        slow[name as OptimizerName](
          p,
          gradient[i],
          kept.map((values) => values[i]),
          numbers.map(f),
        ),
      );
      parameters = Float32Array.from(rows, ([p]) => p);
      kept = kept.map((_, k) => Float32Array.from(rows, (row) => row[k + 1]));
      run(...[parameters, gradient, ...kept].map((_, i) => i * n * 4), n * 4, ...numbers);
      [parameters, gradient, ...kept].forEach((values, i) => expect(buffer(i)).toEqual(values));
    }
  });
});
