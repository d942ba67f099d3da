import { describe, expect, it } from 'vitest';
import { adamW } from './adamw.ts';
import { FlatParameters } from './flat-parameters.ts';

const blocks = ['a.weight', 'b.bias', 'c.weight'].map((name) => ({ name, shape: [3], parts: [{ name, shape: [3] }], decay: !name.endsWith('bias'), table: false, head: name.startsWith('c.'), depth: 0 }));
const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.5, maxGradNorm: Infinity };
const at = (parameters: FlatParameters, name: string): number => parameters.values[parameters.blocks.find((block) => block.name === name)!.offset];

function filled(): FlatParameters {
  const parameters = new FlatParameters(blocks);
  for (const { offset, length } of parameters.blocks) parameters.values.fill(2, offset, offset + length);
  return parameters;
}

describe('adamW', () => {
  it('decays weights and spares what says so', () => {
    const parameters = filled();
    adamW(parameters, options).update(1, 0.1, 0);
    expect(at(parameters, 'a.weight')).toBeCloseTo(2 * (1 - 0.1 * 0.5));
    expect(at(parameters, 'b.bias')).toBe(2);
    expect(at(parameters, 'c.weight')).toBeCloseTo(2 * (1 - 0.1 * 0.5));
  });

  it('steps by the learning rate at first, whatever the size of the gradient', () => {
    const parameters = filled();
    parameters.gradients.fill(1e-3, parameters.blocks[1].offset, parameters.blocks[1].offset + 3);
    adamW(parameters, options).update(1, 0.1, 0);
    expect(at(parameters, 'b.bias')).toBeCloseTo(2 - 0.1, 4);
  });

  it('lets the head learn at a rate of its own', () => {
    const parameters = filled();
    for (const { offset, length } of parameters.blocks) parameters.gradients.fill(1e-3, offset, offset + length);
    adamW(parameters, { ...options, weightDecay: 0, headRate: 20 }).update(1, 0.01, 0);
    expect(at(parameters, 'a.weight')).toBeCloseTo(2 - 0.01, 4);
    expect(at(parameters, 'c.weight')).toBeCloseTo(2 - 0.2, 4);
  });

  it('measures the norm over everything and scales down to the limit', () => {
    const parameters = filled();
    parameters.gradients[parameters.blocks[0].offset] = 3;
    parameters.gradients[parameters.blocks[1].offset] = 4;
    const optimizer = adamW(parameters, { ...options, maxGradNorm: 1 });
    expect(optimizer.gradientNorm()).toBe(5);
    optimizer.update(1, 0.1, 5);
    expect(parameters.firstMoments[parameters.blocks[1].offset]).toBeCloseTo(0.1 * (4 / 5), 6);
  });
});
