import { evaluate, graphBuilder, reduceSumSquare, withGradients, type Value } from '@overture/graph';
import { describe, expect, it } from 'vitest';
import { parseNetwork } from './families.ts';
import { aboveDepth, freezeLayers } from './freeze-layers.ts';
import { withLora } from './lora/with-lora.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { causalLanguageModel, sequenceClassifier, type Model } from './model.ts';
import { parameterSource, type ParameterSource } from './network.ts';
import { packBatch, packStates } from './pack-batch.ts';
import { packedLayout, readsOf } from './packed-layout.ts';
import { randomWeights, smallConfigs } from './testing/small-networks.ts';

const sequences = [
  [2, 5, 3],
  [2, 7, 8, 9, 3],
];
const feeds = packBatch(sequences, 2, 'last');

function constants(
  builder: ReturnType<typeof graphBuilder>,
  model: Model,
  weights: Weights,
): ParameterSource {
  const values = new Map(
    [...model.parameters, ...model.frozen].map((block) => [
      block.name,
      builder.constant(blockTensor(block, weights), block.name),
    ]),
  );
  return parameterSource((name) => values.get(name));
}

function logitsOf(model: Model, weights: Weights, fed: Parameters<typeof evaluate>[1]): Float32Array {
  const builder = graphBuilder('logits');
  builder.output(
    'logits',
    model.logits(
      packedLayout(builder, 2, { reads: readsOf(model, 'last') }),
      constants(builder, model, weights),
    ),
  );
  return evaluate(builder.build(), fed)['logits'].data as Float32Array;
}

/** Hidden states of each sequence after `depth` layers. */
function statesOf(model: Model, weights: Weights, depth: number): Float32Array[] {
  const builder = graphBuilder('states');
  builder.output(
    'states',
    model.encode(packedLayout(builder, 2), constants(builder, model, weights), { to: depth }),
  );
  const states = evaluate(builder.build(), feeds)['states'].data as Float32Array;
  const { hiddenSize } = model.network.size;
  return [states.slice(0, 3 * hiddenSize), states.slice(3 * hiddenSize)];
}

/** Tolerance for the rounding of the states to float32; `evaluate` computes in float64. */
function expectClose(got: Float32Array, expected: Float32Array): void {
  got.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-5));
}

describe.each(Object.entries(smallConfigs))('freezing layers of %s', (_, json) => {
  const model = sequenceClassifier(parseNetwork(json), { classes: 2 });
  const weights = randomWeights(model);

  it.each([0, 1, 2])('leaves the rest of %i to train, in the order of the buffer', (layers) => {
    const frozen = freezeLayers(model, layers);
    expect(frozen.parameters).toEqual(
      layers === 0 ? model.parameters : model.parameters.filter(({ depth }) => depth > layers),
    );
    expect(frozen.parameters.length + frozen.frozen.length).toBe(model.parameters.length);
    const again = freezeLayers(frozen, layers);
    expect([again.parameters, again.frozen]).toEqual([frozen.parameters, frozen.frozen]);
  });

  it('gives gradients to what is left, none of which needs a table', () => {
    const frozen = freezeLayers(model, 1);
    const builder = graphBuilder('gradients');
    const values = new Map<string, Value>([
      ...frozen.frozen.map(
        (block) => [block.name, builder.constant(blockTensor(block, weights), block.name)] as const,
      ),
      ...frozen.parameters.map(({ name, shape }) => [name, builder.parameter(name, shape)] as const),
    ]);
    const loss = reduceSumSquare(
      frozen.logits(
        packedLayout(builder, 2, { reads: readsOf(frozen, 'last') }),
        parameterSource((name) => values.get(name)),
      ),
    );
    const gradients = withGradients(loss, builder.parameters());
    expect(gradients.every(({ kind }) => kind === 'dense')).toBe(true);
  });

  it.each([0, 1, 2])('goes on from the states after %i layers to the same logits', (depth) => {
    const above = aboveDepth(model, depth);
    const fed = {
      ...feeds,
      ...packStates(statesOf(model, weights, depth), 2, model.network.size.hiddenSize),
    };
    expectClose(logitsOf(above, weights, fed), logitsOf(model, weights, feeds));
  });

  it('refuses more layers than there are', () => {
    expect(() => freezeLayers(model, 3)).toThrow(
      `The number of layers to freeze must be from 0 to 2, which is what this ${json.model_type} network has. Got 3 instead.`,
    );
    expect(() => freezeLayers(model, 0.5)).toThrow('Got 0.5 instead.');
  });
});

it('goes on from states through adapters, and through an embedding that is used again', () => {
  const network = parseNetwork(smallConfigs.llama);
  for (const model of [
    withLora(sequenceClassifier(network, { classes: 2 }), { rank: 2, alpha: 4, targets: 'all-linear' }),
    causalLanguageModel(network),
  ]) {
    const weights = randomWeights(model, 9);
    const fed = { ...feeds, ...packStates(statesOf(model, weights, 1), 2, network.size.hiddenSize) };
    expectClose(logitsOf(aboveDepth(model, 1), weights, fed), logitsOf(model, weights, feeds));
  }
});
