import { describe, expect, it } from 'vitest';
import { minimize, type Objective } from './minimize.ts';

/** ½‖x‖² + Σ scale (x − i)² / 2: the minimum is at scale i / (1 + scale). */
function valley(scales: readonly number[], offset = 0): Objective {
  return {
    evaluate(x, gradient) {
      let value = offset;
      scales.forEach((scale, i) => {
        value += (x[i]! ** 2 + scale * (x[i]! - i) ** 2) / 2;
        gradient[i] = x[i]! + scale * (x[i]! - i);
      });
      return value;
    },
    prepareHessian: (diagonal) => diagonal.fill(1),
    multiplyHessian: (vector, into) => scales.forEach((scale, i) => (into[i] = (1 + scale) * vector[i]!)),
  };
}

const scales = Array.from({ length: 20 }, (_, i) => 10 ** (-2 + (8 * i) / 19));

describe('minimize', () => {
  it('finds the bottom of a long valley (condition number 1e6)', () => {
    const { x, converged } = minimize(valley(scales), new Float64Array(20), { tolerance: 1e-14 });
    expect(converged).toBe(true);
    x.forEach((value, i) => expect(value).toBeCloseTo((scales[i]! * i) / (1 + scales[i]!), 5));
  });

  it('stops as soon as the value is within the tolerance, however large the value is', () => {
    for (const offset of [0, 1e6]) {
      const objective = valley(scales, offset);
      const best = minimize(objective, new Float64Array(20), { tolerance: 1e-15 }).value;
      const { value, converged } = minimize(objective, new Float64Array(20), { tolerance: 1e-4 });
      expect(converged).toBe(true);
      expect(value).toBeLessThanOrEqual(best * (1 + 1e-4));
    }
  });

  it('shortens a step that would go up', () => {
    // ½x² + 50 √(1 + (x − 3)²): far from the minimum, Newton's step overshoots.
    const root = (x: number): number => Math.sqrt(1 + (x - 3) ** 2);
    let at = 0;
    const { x, converged } = minimize(
      {
        evaluate(point, gradient) {
          at = point[0]!;
          gradient[0] = at + (50 * (at - 3)) / root(at);
          return at ** 2 / 2 + 50 * root(at);
        },
        prepareHessian: (diagonal) => void (diagonal[0] = 1 + 50 / root(at) ** 3),
        multiplyHessian: (vector, into) => void (into[0] = (1 + 50 / root(at) ** 3) * vector[0]!),
      },
      Float64Array.of(-40),
      { tolerance: 1e-12 },
    );
    expect(converged).toBe(true);
    expect(x[0]! + (50 * (x[0]! - 3)) / root(x[0]!)).toBeCloseTo(0, 4);
  });

  it('ends where the objective is no number, and says when it ran out of iterations', () => {
    const broken = {
      ...valley([1]),
      evaluate: (_: Float64Array, gradient: Float64Array) => {
        gradient.fill(NaN);
        return NaN;
      },
    };
    expect(minimize(broken, new Float64Array(1)).converged).toBe(false);
    const start = Float64Array.of(...scales.keys());
    expect(minimize(valley(scales), start, { maxIterations: 0 })).toMatchObject({
      converged: false,
      iterations: 0,
    });
    expect(start[3]).toBe(3);
  });

  it('tells a share that rises to the end', () => {
    const shares: number[] = [];
    minimize(valley(scales), new Float64Array(20), { onProgress: (share) => shares.push(share) });
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  });
});
