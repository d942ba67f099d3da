import { describe, expect, it } from 'vitest';
import { graphBuilder } from './builder.ts';
import { add } from './ops/add.ts';
import { concat } from './range-builders.ts';
import { exp } from './ops/exp.ts';
import { peakBytes } from './peak-bytes.ts';

describe('peakBytes', () => {
  it('counts what lives at once, not what is computed in all', () => {
    const builder = graphBuilder('chain');
    const x = builder.input('x', 'float32', ['n', 4]);
    builder.output('y', exp(exp(exp(exp(x)))));
    expect(peakBytes(builder.build(), () => 10)).toBe(2 * 10 * 4 * 4); // one read, one written
  });

  it('keeps what is needed later, and outputs to the end', () => {
    const builder = graphBuilder('kept');
    const x = builder.input('x', 'float32', ['n']);
    const early = exp(x);
    // peak: early, the result of one exp, and that of the next
    builder.output('late', add(exp(exp(early)), early));
    expect(peakBytes(builder.build(), () => 100)).toBe(3 * 400);
    builder.output('doubled', concat([early, early], 0));
    expect(peakBytes(builder.build(), () => 100)).toBe(4 * 400);
  });
});
