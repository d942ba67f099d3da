import { describe, expect, it } from 'vitest';
import { FlatParameters } from './flat-parameters.ts';
import { tinyJob } from './testing/tiny-job.ts';

const { model, weights } = tinyJob();

describe('FlatParameters', () => {
  it('gives weights back as they came, query, key and value one behind the other', () => {
    const parameters = new FlatParameters(model);
    parameters.load(weights);
    expect(parameters.toWeights()).toEqual(weights);
    const qkv = parameters.blocks.find(({ name }) => name.endsWith('layer.1.attention.self.qkv.weight'))!;
    const key = weights.get('bert.encoder.layer.1.attention.self.key.weight')!.data;
    expect(parameters.value(qkv).data.subarray(key.length, 2 * key.length)).toEqual(key);
  });

  it('begins blocks at cache lines and keeps the gaps zero', () => {
    const parameters = new FlatParameters(model);
    parameters.load(weights);
    expect(parameters.blocks.every(({ offset }) => offset % 16 === 0)).toBe(true);
    const bias = parameters.blocks.find(({ name }) => name === 'classifier.bias')!;
    expect(parameters.values.subarray(bias.offset + 2, bias.offset + 16)).toEqual(new Float32Array(14));
  });

  it('names a weight that is missing', () => {
    const parameters = new FlatParameters(model);
    const partial = new Map([...weights].filter(([name]) => name !== 'classifier.bias'));
    expect(() => parameters.load(partial)).toThrow(
      'The weights must hold classifier.bias [2]. Got nothing instead.',
    );
  });

  it.each([
    ['in its memory', 0],
    ['beside it, where that is full', 1],
  ])('adds gradients that were computed apart, %s', (_, full) => {
    const parameters = new FlatParameters(model);
    const { memory } = parameters;
    if (full) parameters.spare((2 ** 32 - memory.buffer.byteLength) / 4);
    parameters.gradients.fill(1);
    const part = parameters.spare(40);
    expect(part.byteOffset > 0).toBe(!full);
    part.forEach((_zero, i) => (part[i] = i));
    parameters.addToGradients(part);
    expect(parameters.gradients.subarray(0, 49)).toEqual(
      Float32Array.from({ length: 49 }, (_zero, i) => (i < 48 ? 1 + i : 1)),
    );
  });

  it('spares biases and norms from decay', () => {
    const spared = new FlatParameters(model).blocks.filter(({ decay }) => !decay).map(({ name }) => name);
    // Per layer 4 biases and 2 norms of two tensors; the embedding's norm, the head's bias.
    expect(spared).toHaveLength(2 * (4 + 4) + 3);
    expect(spared.every((name) => /LayerNorm|\.bias$/.test(name))).toBe(true);
  });
});
