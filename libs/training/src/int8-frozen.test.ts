import { counterRandom } from '@overture/core';
import { loadWeights, parseNetwork, sequenceClassifier, withLora, type Weights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { elementCount, float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { FlatParameters } from './flat-parameters.ts';
import { GradientStep } from './gradient-step.ts';
import { trainingGraph } from './training-graph.ts';

// wide enough for int8 copies
const network = parseNetwork({
  model_type: 'llama',
  vocab_size: 40,
  hidden_size: 128,
  intermediate_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  hidden_act: 'silu',
});
const model = withLora(sequenceClassifier(network, { classes: 2 }), {
  rank: 4,
  alpha: 8,
  targets: 'all-linear',
});

/** Random weights, including the adapters' B: if B were zero, A would get no gradient. */
function randomWeights(): Weights {
  const parts = [...model.frozen, ...model.parameters].flatMap((block) => block.parts);
  const tensors = parts.map(({ name, shape }) => {
    const random = counterRandom(3, name);
    const level = name.includes('norm') ? 1 : 0;
    return [
      name,
      float32(
        shape,
        Float32Array.from({ length: elementCount(shape) }, (_, i) => level + 0.08 * random.normal(i)),
      ),
    ] as const;
  });
  return loadWeights(new Map(tensors), model, { where: 'random', seed: 0 });
}

async function stepWith(
  frozenWeights: 'float32' | 'int8',
): Promise<{ loss: number; gradients: Float32Array }> {
  const parameters = new FlatParameters(model);
  parameters.load(randomWeights());
  const step = await GradientStep.open(openRuntime({ threads: 1 }), {
    model,
    parameters,
    batchSize: 4,
    pooling: 'last',
    classWeights: [1, 1],
    frozenWeights,
  });
  const random = counterRandom(7, 'tokens');
  const sequences = [9, 20, 14, 3].map((length, row) =>
    Int32Array.from({ length }, (_, i) => random.below(100 * row + i, 40)),
  );
  const loss = await step.run({ sequences, labels: [0, 1, 1, 0] });
  await step.close();
  return { loss, gradients: parameters.gradients };
}

describe('frozen matrices in int8', () => {
  it('are constants of the step, for the way up and the way down, and everything else is as it was', () => {
    const parameters = new FlatParameters(model);
    parameters.load(randomWeights());
    const [exact, int8] = [undefined, parameters.frozenMatrices()].map(
      (matrices) => trainingGraph(model, 2, { int8: matrices }).graph,
    );
    const linear = 2 * 5; // qkv, o, gate, up, down of two layers
    // there is nothing trainable below the first
    expect(int8.nodes.filter(({ op }) => op === 'MatMulInteger')).toHaveLength(2 * linear - 1);
    expect(int8.inputs.map(({ name }) => name)).toEqual(
      exact.inputs.map(({ name }) => name).filter((name) => !parameters.frozenMatrices().has(name)),
    );
    expect(int8.outputs).toEqual(exact.outputs);
  });

  it('give nearly the gradient of float32', async () => {
    const [exact, int8] = [await stepWith('float32'), await stepWith('int8')];
    const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);
    const cosine =
      dot(exact.gradients, int8.gradients) /
      Math.sqrt(dot(exact.gradients, exact.gradients) * dot(int8.gradients, int8.gradients));
    expect(cosine).toBeGreaterThan(0.99);
    expect(cosine).toBeLessThan(1);
    expect(Math.abs(int8.loss - exact.loss)).toBeLessThan(0.05 * exact.loss);
  });
});
