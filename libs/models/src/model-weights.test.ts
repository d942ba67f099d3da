import { float32, tensor, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { bertModel } from './bert-classifier.ts';
import { encodeWeights, loadWeights, parseWeights } from './model-weights.ts';

const model = bertModel({
  modelType: 'bert',
  vocabSize: 10,
  hiddenSize: 8,
  layers: 1,
  heads: 2,
  intermediateSize: 16,
  maxPositions: 6,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  padTokenId: 0,
});
const options = { where: 'base.safetensors', seed: 3 };

function encoderFile(prefix = ''): Map<string, Tensor> {
  const parts = model.parameters
    .flatMap((block) => block.parts)
    .filter(({ name }) => name.startsWith('bert.'));
  return new Map(parts.map(({ name, shape }) => [prefix + name.slice('bert.'.length), float32(shape)]));
}

describe('loadWeights', () => {
  it('takes names with and without the prefix, and ignores what other tasks left', () => {
    const bare = loadWeights(
      new Map([...encoderFile(), ['pooler.dense.weight', float32([8, 8])]]),
      model,
      options,
    );
    const prefixed = loadWeights(encoderFile('bert.'), model, options);
    expect([...bare.keys()]).toEqual([...prefixed.keys()]);
    expect(bare.get('bert.encoder.layer.0.attention.self.key.weight')!.shape).toEqual([8, 8]);
  });

  it('seeds the head: same seed, same head; another seed, another head', () => {
    const head = (seed: number): unknown =>
      loadWeights(encoderFile(), model, { ...options, seed }).get('classifier.weight')!.data;
    expect(head(3)).toEqual(head(3));
    expect(head(3)).not.toEqual(head(4));
  });

  it('reports everything that does not fit at once', () => {
    const file = encoderFile();
    file.delete('embeddings.LayerNorm.bias');
    file.set('embeddings.LayerNorm.weight', float32([9]));
    file.set('encoder.layer.0.output.dense.bias', tensor('int32', [8], new Int32Array(8)));
    file.set('encoder.layer.1.output.dense.bias', float32([8]));
    expect(() => loadWeights(file, model, options)).toThrow(
      'base.safetensors does not fit its config.json: encoder.layer.0.output.dense.bias must be float32, float16 or bfloat16. Got int32 instead. ' +
        'embeddings.LayerNorm.weight must have shape [8]. Got [9] instead. embeddings.LayerNorm.bias [8] is missing. ' +
        'encoder.layer.1.output.dense.bias belongs to no part of the network.',
    );
  });

  it('comes back from a file as it went in', () => {
    const weights = loadWeights(encoderFile(), model, options);
    expect(parseWeights(encodeWeights(weights), model, options)).toEqual(weights);
  });
});
