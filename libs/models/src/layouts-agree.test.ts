import { counterRandom } from '@overture/core';
import { evaluate, graphBuilder, type Value } from '@overture/graph';
import { elementCount, float32, int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { bertClassifier } from './bert-classifier.ts';
import type { BertConfig } from './bert-config.ts';
import { bertParameters } from './bert-parameters.ts';
import type { Weights } from './classifier-weights.ts';
import { classifierGraph, exportClassifier } from './export-classifier.ts';
import { packBatch, type Pooling } from './pack-batch.ts';
import { packedLayout } from './packed-layout.ts';

const config: BertConfig = {
  modelType: 'bert', vocabSize: 12, hiddenSize: 8, layers: 2, heads: 2, intermediateSize: 16, maxPositions: 8, typeVocabSize: 2, layerNormEpsilon: 1e-12, padTokenId: 0,
};
const sequences = [[2, 5, 3], [2, 7, 8, 9, 3], [4]];
const blocks = bertParameters(config);

function draw(name: string, shape: readonly number[]): Tensor {
  const random = counterRandom(4, name);
  return float32(shape, Float32Array.from({ length: elementCount(shape) }, (_, i) => 0.3 * random.normal(i) + Number(name.endsWith('LayerNorm.weight'))));
}
const weights: Weights = new Map(blocks.flatMap((block) => block.parts).map(({ name, shape }) => [name, draw(name, shape)]));

function padded(width: number): Record<string, Tensor> {
  const rows = (of: (sequence: number[], i: number) => number): Tensor => {
    return int64([sequences.length, width], sequences.flatMap((sequence) => Array.from({ length: width }, (_, i) => of(sequence, i))));
  };
  return { input_ids: rows((s, i) => s[i] ?? 11), attention_mask: rows((s, i) => Number(i < s.length)), token_type_ids: rows(() => 0) };
}

function packedLogits(pooling: Pooling, count: number): Tensor {
  const builder = graphBuilder('packed');
  const constants = new Map<string, Value>();
  for (const block of blocks) {
    const values = block.parts.flatMap(({ name }) => [...(weights.get(name)!.data as Float32Array)]);
    constants.set(block.name, builder.constant(float32(block.shape, values), block.name));
  }
  builder.output('logits', bertClassifier(config, packedLayout(builder, count), (name) => constants.get(name)!));
  return evaluate(builder.build(), packBatch(sequences, count, pooling))['logits'];
}

describe.each(['mean', 'cls'] as const)('packed and padded, %s pooling', (pooling) => {
  const graph = classifierGraph(config, weights, { pooling });

  it('give the same logits, whatever the padding', () => {
    const packed = packedLogits(pooling, 3).data as Float32Array;
    for (const width of [5, 8]) {
      const logits = evaluate(graph, padded(width))['logits'].data as Float32Array;
      logits.forEach((logit, i) => expect(logit).toBeCloseTo(packed[i], 5));
    }
  });

  it('do not mind fillers in a packed batch', () => {
    const filled = packedLogits(pooling, 5);
    expect(filled.shape).toEqual([5, 2]);
    expect((filled.data as Float32Array).slice(0, 6)).toEqual(packedLogits(pooling, 3).data);
  });

  it('export to ONNX with the inputs that transformers.js feeds, the same bytes twice', () => {
    expect(graph.inputs.map(({ name }) => name)).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
    expect(graph.outputs).toEqual(['logits']);
    const bytes = exportClassifier(config, weights, { pooling });
    const size = blocks.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
    expect(bytes.length).toBeGreaterThan(size); // the weights are inside
    expect(exportClassifier(config, weights, { pooling })).toEqual(bytes);
  });
});
