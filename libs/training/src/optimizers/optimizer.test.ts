import { describe, expect, it } from 'vitest';
import { FlatParameters } from '../flat-parameters.ts';
import { openOptimizer } from './optimizer.ts';

const blocks = ['a.weight', 'b.bias', 'c.weight'].map((name) => ({
  name,
  shape: [3],
  parts: [{ name, shape: [3] }],
  decay: !name.endsWith('bias'),
  table: false,
  head: name.startsWith('c.'),
  depth: 0,
}));
const options = { weightDecay: 0.5, maxGradNorm: Infinity };
const at = (parameters: FlatParameters, name: string): number =>
  parameters.values[parameters.blocks.find((block) => block.name === name)!.offset];

function filled(): FlatParameters {
  const parameters = new FlatParameters({ parameters: blocks, frozen: [] });
  for (const { offset, length } of parameters.blocks) parameters.values.fill(2, offset, offset + length);
  return parameters;
}

describe('openOptimizer', () => {
  it('decays weights and spares what says so', () => {
    const parameters = filled();
    openOptimizer(parameters, options).update(1, 0.1, 0);
    expect(at(parameters, 'a.weight')).toBeCloseTo(2 * (1 - 0.1 * 0.5));
    expect(at(parameters, 'b.bias')).toBe(2);
    expect(at(parameters, 'c.weight')).toBeCloseTo(2 * (1 - 0.1 * 0.5));
  });

  it('steps by the learning rate at first, whatever the size of the gradient', () => {
    const parameters = filled();
    parameters.gradients.fill(1e-3, parameters.blocks[1].offset, parameters.blocks[1].offset + 3);
    openOptimizer(parameters, options).update(1, 0.1, 0);
    expect(at(parameters, 'b.bias')).toBeCloseTo(2 - 0.1, 4);
  });

  it('lets blocks learn at rates of their own', () => {
    const parameters = filled();
    for (const { offset, length } of parameters.blocks)
      parameters.gradients.fill(1e-3, offset, offset + length);
    openOptimizer(parameters, { ...options, weightDecay: 0, rateOf: ({ head }) => (head ? 20 : 1) }).update(
      1,
      0.01,
      0,
    );
    expect(at(parameters, 'a.weight')).toBeCloseTo(2 - 0.01, 4);
    expect(at(parameters, 'c.weight')).toBeCloseTo(2 - 0.2, 4);
  });

  it('measures the norm over everything and scales down to the limit', () => {
    const parameters = filled();
    parameters.gradients[parameters.blocks[0].offset] = 3;
    parameters.gradients[parameters.blocks[1].offset] = 4;
    const optimizer = openOptimizer(parameters, { ...options, maxGradNorm: 1 });
    expect(optimizer.gradientNorm()).toBe(5);
    optimizer.update(1, 0.1, 5);
    expect(parameters.moments[0][parameters.blocks[1].offset]).toBeCloseTo(0.1 * (4 / 5), 6);
  });

  it('wants parameters with its number of moments', () => {
    expect(() => openOptimizer(filled(), { ...options, optimizer: 'lion' })).toThrow(
      'lion keeps 1 moments. Got parameters with 2.',
    );
  });
});
