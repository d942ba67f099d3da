import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { maskFiller } from './mask-kernel.ts';

const fill = maskFiller();

/** The kernel's definition in plain JavaScript. */
function slowly(length: number, rate: number, draw: (i: number) => number): Float32Array {
  const [threshold, scale] = [Math.round(rate * 65_536), 1 / (1 - rate)];
  return Float32Array.from({ length }, (_, i) => {
    const number = draw(4 * Math.floor(i / 8) + (i % 4));
    return (i % 8 < 4 ? number & 0xffff : number >>> 16) >= threshold ? scale : 0;
  });
}

describe('maskFiller', () => {
  it.each([1, 7, 8, 100, 8192, 8200, 20_001])('draws what counterRandom draws, for %i numbers', (length) => {
    const random = counterRandom(3, 'mask', length);
    const mask = new Float32Array(length);
    for (const rate of [0.1, 0.5, 0.999]) {
      fill(mask, { key: random.key, rate });
      expect(mask).toEqual(slowly(length, rate, (i) => random.uint32(i)));
    }
  });

  it('drops its share, and keeps the mean', () => {
    const mask = new Float32Array(200_000);
    fill(mask, { key: 7, rate: 0.1 });
    const dropped = mask.filter((x) => x === 0).length / mask.length;
    expect(Math.abs(dropped - 0.1)).toBeLessThan(5 * Math.sqrt(0.09 / mask.length));
    expect(mask.reduce((sum, x) => sum + x, 0) / mask.length).toBeCloseTo(1, 2);
  });
});
