import { evaluate, graphBuilder, reduceSumSquare, withGradients, type Value } from '@overture/graph';
import { parseSafetensors, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { parseNetwork } from '../families.ts';
import { loadWeights, blockTensor, type Weights } from '../model-weights.ts';
import { sequenceClassifier, type Model } from '../model.ts';
import { parameterSource } from '../network.ts';
import { packBatch } from '../pack-batch.ts';
import { packedLayout } from '../packed-layout.ts';
import { randomWeights, smallConfigs } from '../testing/small-networks.ts';
import { adapterFiles, encodeAdapter, parseAdapter } from './adapter-files.ts';
import { mergeLora } from './merge-lora.ts';
import { withLora } from './with-lora.ts';

const sequences = [
  [2, 5, 3],
  [2, 7, 8, 9, 3],
];

/** Logits, and the names of parameters with a gradient. */
function run(model: Model, weights: Weights): { logits: Float32Array; differentiated: string[] } {
  const builder = graphBuilder('lora');
  const values = new Map<string, Value>();
  for (const block of model.frozen)
    values.set(block.name, builder.constant(blockTensor(block, weights), block.name));
  for (const { name, shape } of model.parameters) values.set(name, builder.parameter(name, shape));
  const logits = model.logits(
    packedLayout(builder, 2, { reads: 'sequences' }),
    parameterSource((name) => values.get(name)),
  );
  builder.output('logits', logits);
  const feeds: Record<string, Tensor> = packBatch(sequences, 2, 'last');
  for (const block of model.parameters) feeds[block.name] = blockTensor(block, weights);
  const gradients = withGradients(reduceSumSquare(logits), [
    ...model.parameters.map(({ name }) => values.get(name)!),
  ]);
  return {
    logits: evaluate(builder.build(), feeds)['logits'].data as Float32Array,
    differentiated: gradients.filter(({ kind }) => kind === 'dense').map(({ parameter }) => parameter.name),
  };
}

const expectClose = (got: Float32Array, expected: Float32Array): void => {
  expect(got.length).toBe(expected.length);
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
};

describe.each([
  ['every linear layer', smallConfigs.llama, 'all-linear'],
  ['two of three stacked layers', smallConfigs.llama, ['q_proj', 'v_proj', 'down_proj']],
  ['the middle one of three', smallConfigs.bert, ['key']],
  ['DistilBERT', smallConfigs.distilbert, ['q_lin', 'lin1']],
] as const)('adapters on %s', (_, json, targets) => {
  const base = sequenceClassifier(parseNetwork(json), { classes: 2 });
  const model = withLora(base, { rank: 2, alpha: 6, targets });
  const pretrained = randomWeights(base);

  it('start where the base model is, and get gradients while the base gets none', () => {
    const weights = loadWeights(pretrained, model, { where: 'base', seed: 1 });
    const { logits, differentiated } = run(model, weights);
    expectClose(logits, run(base, pretrained).logits);
    expect(differentiated.sort()).toEqual(model.parameters.map(({ name }) => name).sort());
    expect(model.parameters.every(({ name }) => /lora_[AB]|score|classifier/.test(name))).toBe(true);
    expect([...model.parameters, ...model.frozen].filter(({ name }) => !name.includes('lora_'))).toHaveLength(
      base.parameters.length,
    );
  });

  it('give the same logits beside the base and merged into it', () => {
    const weights = randomWeights(model, 9);
    const merged = mergeLora(model, weights);
    expect([...merged.keys()].sort()).toEqual([...pretrained.keys()].sort());
    expectClose(run(base, merged).logits, run(model, weights).logits);
  });

  it('come back from PEFT’s files as they went in', () => {
    const weights = randomWeights(model, 9);
    const { config, weights: bytes } = encodeAdapter(model, weights, { baseModel: 'acme/base' });
    const encoder = new Map(
      [...weights].filter(([name]) =>
        base.network.parameters.some(({ parts }) => parts.some((part) => part.name === name)),
      ),
    );
    const read = parseAdapter(
      { config: JSON.stringify(config), weights: bytes },
      { model: base, tensors: encoder },
      { where: adapterFiles.config, seed: 0 },
    );
    expect(new Map([...read.weights].sort())).toEqual(new Map([...weights].sort()));
    expect(read.model.parameters).toEqual(model.parameters);
  });

  it('lie on the chosen layers only', () => {
    const upper = withLora(base, { rank: 2, alpha: 6, targets, layers: [1] });
    expect(upper.parameters.filter(({ head }) => !head).every(({ depth }) => depth === 2)).toBe(true);
    const { config, weights } = encodeAdapter(upper, randomWeights(upper, 9), { baseModel: 'acme/base' });
    expect(config['layers_to_transform']).toEqual([1]);
    const read = parseAdapter(
      { config, weights },
      { model: base, tensors: pretrained },
      { where: adapterFiles.config, seed: 0 },
    );
    expect(read.model.parameters).toEqual(upper.parameters);
  });
});

describe('PEFT’s layout', () => {
  it('names tensors by the modules of transformers', () => {
    const model = withLora(sequenceClassifier(parseNetwork(smallConfigs.llama), { classes: 2 }), {
      rank: 2,
      alpha: 4,
      targets: ['q_proj'],
    });
    const { config, weights } = encodeAdapter(model, randomWeights(model), { baseModel: 'acme/base' });
    const { tensors } = parseSafetensors(weights, 'adapter');
    expect([...tensors.keys()].sort().slice(0, 3)).toEqual([
      'base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight',
      'base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight',
      'base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight',
    ]);
    expect(tensors.has('base_model.model.score.weight')).toBe(true);
    expect(config).toMatchObject({
      peft_type: 'LORA',
      task_type: 'SEQ_CLS',
      r: 2,
      lora_alpha: 4,
      target_modules: ['q_proj'],
      modules_to_save: ['score'],
    });
  });

  it('is refused where it says what is not done here', () => {
    const base = {
      model: sequenceClassifier(parseNetwork(smallConfigs.llama), { classes: 2 }),
      tensors: new Map<string, Tensor>(),
    };
    const parse = (config: object): unknown =>
      parseAdapter({ config, weights: new Uint8Array() }, base, { where: 'a.json', seed: 0 });
    const sound = { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['q_proj'] };
    expect(() => parse({ ...sound, peft_type: 'IA3' })).toThrow(
      'a.json must describe a LoRA adapter of PEFT: "peft_type" must be "LORA". Got "IA3" instead.',
    );
    expect(() => parse({ ...sound, use_dora: true })).toThrow('"use_dora" must be false. Got true instead.');
    expect(() => parse({ ...sound, rank_pattern: { q_proj: 4 } })).toThrow('"rank_pattern" must be empty.');
    expect(() => parse({ ...sound, target_modules: '.*proj' })).toThrow(
      '"target_modules" must be a list of names, or "all-linear".',
    );
    expect(() => parse({ ...sound, r: '8' })).toThrow('"r" must be a number. Got "8" instead.');
  });
});

describe('withLora', () => {
  it('names what does not fit, and the layers that there are', () => {
    const model = sequenceClassifier(parseNetwork(smallConfigs.llama), { classes: 2 });
    expect(() => withLora(model, { rank: 0, alpha: 0, targets: ['query'] })).toThrow(
      'An adapter must fit its model. Its rank must be a positive integer. Got 0 instead. Its alpha must be a number over 0. Got 0 instead. Its targets must be names of linear layers, such as q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj. Got ["query"] instead.',
    );
    expect(() => withLora(model, { rank: 2, alpha: 4, targets: 'all-linear', layers: [2] })).toThrow(
      'Its layers must be some of 0 to 1. Got [2] instead.',
    );
  });
});
