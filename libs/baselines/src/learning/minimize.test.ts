import { describe, expect, it } from 'vitest';
import { minimize } from './minimize.ts';

describe('minimize', () => {
  it('finds the bottom of a long valley (condition number 1e4)', () => {
    const scales = Array.from({ length: 20 }, (_, i) => 10 ** (-2 + (4 * i) / 19));
    const { x, converged } = minimize((at, gradient) => {
      scales.forEach((scale, i) => { gradient[i] = scale * (at[i] - i); });
      return scales.reduce((sum, scale, i) => sum + (scale * (at[i] - i) ** 2) / 2, 0);
    }, new Float64Array(20), { gradientTolerance: 1e-8 });
    expect(converged).toBe(true);
    x.forEach((value, i) => expect(value).toBeCloseTo(i, 5));
  });

  it('stops near the bottom although the value is too large to show the last decrease', () => {
    let calls = 0;
    const { x, converged } = minimize((at, gradient) => {
      calls++;
      gradient[0] = Math.exp(at[0]) - 2;
      return 1e6 + Math.exp(at[0]) - 2 * at[0];
    }, Float64Array.of(5), { gradientTolerance: 1e-7 });
    expect(converged).toBe(true);
    expect(x[0]).toBeCloseTo(Math.log(2), 6);
    expect(calls).toBeLessThan(60);
  });

  it('ends where the objective is no number', () => {
    const { converged } = minimize((_, gradient) => { gradient.fill(NaN); return NaN; }, new Float64Array(3));
    expect(converged).toBe(false);
  });

  it('says when it ran out of iterations, and leaves the start alone', () => {
    const start = Float64Array.of(100);
    const { converged, iterations } = minimize((at, gradient) => { gradient[0] = 4 * at[0] ** 3; return at[0] ** 4; }, start, { maxIterations: 3 });
    expect([converged, iterations, start[0]]).toEqual([false, 3, 100]);
  });
});
