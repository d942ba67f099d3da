import { evaluate, graphBuilder, type Value } from '@overture/graph';
import { elementCount, float32, int64, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { exportModel, modelGraph } from './export-model.ts';
import { parseNetwork } from './families.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { causalLanguageModel, sequenceClassifier, type Model } from './model.ts';
import { parameterSource } from './network.ts';
import { chooseTokens, packBatch, poolings, type Pooling } from './pack-batch.ts';
import { packedLayout, readsOf, type PackedOptions } from './packed-layout.ts';
import { randomWeights, smallConfigs } from './testing/small-networks.ts';

const sequences = [[2, 5, 3], [2, 7, 8, 9, 3], [4]];
const tokens = sequences.flat().length;

function padded(width: number, side: 'left' | 'right' = 'right'): Record<string, Tensor> {
  const rows = (of: (token: number | undefined) => number): Tensor => {
    const lines = sequences.map((sequence) => {
      const filler = Array.from({ length: width - sequence.length }, () => undefined);
      return side === 'right' ? [...sequence, ...filler] : [...filler, ...sequence];
    });
    return int64([sequences.length, width], lines.flat().map(of));
  };
  return {
    input_ids: rows((token) => token ?? 11),
    attention_mask: rows((token) => Number(token !== undefined)),
    token_type_ids: rows(() => 0),
  };
}

interface Packed {
  readonly sequences?: readonly number[][];
  readonly beginning?: readonly number[];
  readonly chosen?: readonly number[];
  readonly attention?: PackedOptions['attention'];
}

function packedLogits(
  model: Model,
  weights: Weights,
  {
    pooling,
    count,
    sequences: packed = sequences,
    beginning,
    chosen,
    attention,
  }: Packed & { pooling: Pooling; count: number },
): Tensor {
  const builder = graphBuilder('packed');
  const constants = new Map<string, Value>();
  for (const block of model.parameters)
    constants.set(block.name, builder.constant(blockTensor(block, weights), block.name));
  builder.output(
    'logits',
    model.logits(
      packedLayout(builder, count, {
        reads: readsOf(model, pooling),
        beginning: beginning !== undefined,
        attention,
      }),
      parameterSource((name) => constants.get(name)),
    ),
  );
  const held = [...packed, beginning ?? []].flat().length;
  const choice =
    model.task === 'causal'
      ? chooseTokens(chosen ?? packed.flat().map((_, i) => i), held + count - packed.length)
      : {};
  return evaluate(builder.build(), { ...packBatch(packed, count, pooling, beginning), ...choice })['logits'];
}

function expectClose(got: Tensor, expected: Tensor): void {
  expect(got.data.length).toBe(expected.data.length);
  (got.data as Float32Array).forEach((value, i) =>
    expect(value).toBeCloseTo((expected.data as Float32Array)[i], 5),
  );
}

describe.each(Object.entries(smallConfigs))('%s', (_, json) => {
  const network = parseNetwork(json);
  const classifier = sequenceClassifier(network, { classes: 3 });
  const weights = randomWeights(classifier);

  it.each(poolings)(
    'gives the same logits packed and padded, whatever the padding, %s pooling',
    (pooling) => {
      const packed = packedLogits(classifier, weights, { pooling, count: 3 });
      expect(packed.shape).toEqual([3, 3]);
      for (const width of [5, 8])
        expectClose(evaluate(modelGraph(classifier, weights, { pooling }), padded(width))['logits'], packed);
    },
  );

  it.each(poolings)(
    'gives the same logits where all sequences attend together, fillers among them, %s pooling',
    (pooling) => {
      for (const count of [3, 5])
        expectClose(
          packedLogits(classifier, weights, { pooling, count, attention: 'together' }),
          packedLogits(classifier, weights, { pooling, count }),
        );
    },
  );

  it('does not mind fillers in a packed batch', () => {
    const filled = packedLogits(classifier, weights, { pooling: 'mean', count: 5 });
    expect(filled.shape).toEqual([5, 3]);
    expectClose(
      float32([3, 3], (filled.data as Float32Array).slice(0, 9)),
      packedLogits(classifier, weights, { pooling: 'mean', count: 3 }),
    );
  });

  it('exports to ONNX with the inputs that transformers.js feeds, the same bytes twice', () => {
    const graph = modelGraph(classifier, weights, { pooling: network.defaultPooling });
    expect(graph.inputs.map(({ name }) => name)).toEqual([
      'input_ids',
      'attention_mask',
      ...(network.tokenTypes ? ['token_type_ids'] : []),
    ]);
    expect(graph.outputs).toEqual(['logits']);
    const bytes = exportModel(classifier, weights, { pooling: network.defaultPooling });
    expect(bytes.length).toBeGreaterThan(
      classifier.parameters.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0),
    ); // the weights are inside
    expect(exportModel(classifier, weights, { pooling: network.defaultPooling })).toEqual(bytes);
  });
});

describe.each([smallConfigs.llama, smallConfigs['llama, wide heads, untied']])(
  'a causal language model, $tie_word_embeddings embeddings',
  (json) => {
    const model = causalLanguageModel(parseNetwork(json));
    const weights = randomWeights(model);
    const packed = packedLogits(model, weights, { pooling: 'last', count: 3 });

    it('gives the same logits where a beginning that all sequences share is there once', () => {
      const [beginning, ends] = [
        [2, 5, 3],
        [[7, 4], [8], [9, 3, 11, 6]],
      ];
      const logits = (packed: Packed): Tensor =>
        packedLogits(model, weights, { pooling: 'last', count: 4, ...packed });
      const whole = logits({
        sequences: ends.map((end) => [...beginning, ...end]),
        chosen: [3, 4, 8, 12, 13, 14, 15],
      });
      expectClose(logits({ sequences: ends, beginning, chosen: [0, 1, 2, 3, 4, 5, 6] }), whole);
    });

    it('gives the same logits at every token where all sequences attend together, and refuses a shared beginning there', () => {
      expectClose(packedLogits(model, weights, { pooling: 'last', count: 3, attention: 'together' }), packed);
      expect(() =>
        packedLogits(model, weights, { pooling: 'last', count: 3, attention: 'together', beginning: [2] }),
      ).toThrow(expect.objectContaining({ code: 'LAYOUT_UNFIT' }));
    });

    it('gives the same logits packed and padded, at every token', () => {
      expect(packed.shape).toEqual([tokens, 12]);
      const logits = evaluate(modelGraph(model, weights, { pooling: 'last' }), padded(6))['logits'];
      expect(logits.shape).toEqual([3, 6, 12]);
      const kept = sequences.flatMap((sequence, i) =>
        sequence.map((_, place) =>
          (logits.data as Float32Array).slice((6 * i + place) * 12, (6 * i + place + 1) * 12),
        ),
      );
      expectClose(
        float32(
          [tokens, 12],
          kept.flatMap((row) => [...row]),
        ),
        packed,
      );
    });

    it('does not mind on which side the padding lies, for its places are relative', () => {
      const logits = evaluate(modelGraph(model, weights, { pooling: 'last' }), padded(6, 'left'))['logits'];
      const kept = sequences.flatMap((sequence, i) =>
        sequence.map((_, place) =>
          (logits.data as Float32Array).slice(
            (6 * (i + 1) - sequence.length + place) * 12,
            (6 * (i + 1) - sequence.length + place + 1) * 12,
          ),
        ),
      );
      expectClose(
        float32(
          [tokens, 12],
          kept.flatMap((row) => [...row]),
        ),
        packed,
      );
    });

    it('sees nothing of what comes later', () => {
      const changed = sequences[1].toSpliced(4, 1, 6);
      const first = (ids: number[]): Float32Array => {
        const batch = { input_ids: int64([1, 5], ids), attention_mask: int64([1, 5], [1, 1, 1, 1, 1]) };
        return (
          evaluate(modelGraph(model, weights, { pooling: 'last' }), batch)['logits'].data as Float32Array
        ).slice(0, 4 * 12);
      };
      expect(first(changed)).toEqual(first(sequences[1]));
    });
  },
);
