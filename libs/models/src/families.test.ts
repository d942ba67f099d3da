import { describe, expect, it } from 'vitest';
import { parseNetwork } from './families.ts';
import { causalLanguageModel, multiLabelClassifier, sequenceClassifier } from './model.ts';
import { smallConfigs } from './testing/small-networks.ts';

describe('parseNetwork', () => {
  it.each(Object.entries(smallConfigs))('reads %s, and what it writes is the same network', (_, json) => {
    const network = parseNetwork(JSON.stringify(json));
    const again = parseNetwork(network.configJson());
    expect(again.size).toEqual(network.size);
    expect(again.parameters).toEqual(network.parameters);
    expect(network.configJson()['model_type']).toBe(json.model_type);
  });

  it.each(Object.values(smallConfigs).map((json) => parseNetwork(json)))(
    'gives $family blocks that training can use',
    (network) => {
      const { parameters } = sequenceClassifier(network, { classes: 2 });
      const firstTable = parameters.findIndex(({ table }) => table);
      // Dense gradients are one range.
      expect(parameters.slice(firstTable).every(({ table }) => table)).toBe(true);
      expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
      const depths = new Set(parameters.map(({ depth }) => depth));
      expect([...depths].sort()).toEqual([0, 1, 2, 3]);
      expect(
        parameters.filter(({ head }) => head).every(({ depth }) => depth === network.size.layers + 1),
      ).toBe(true);
      for (const { name, decay } of parameters) expect(decay, name).toBe(!/norm|bias/i.test(name));
    },
  );

  it('lets RoBERTa count positions from the padding token on', () => {
    const network = parseNetwork(smallConfigs.roberta);
    expect(network.size.maxPositions).toBe(10);
    expect(network.parameters.find(({ name }) => name.endsWith('position_embeddings.weight'))!.shape).toEqual(
      [12, 8],
    );
    expect(() => parseNetwork({ ...smallConfigs.roberta, max_position_embeddings: 2 })).toThrow(
      '"max_position_embeddings" must be over 2, where the first token\'s position lies. Got 2 instead.',
    );
  });

  it('stacks queries, keys and values of different widths', () => {
    const block = parseNetwork(smallConfigs.llama).parameters.find(
      ({ name }) => name === 'model.layers.1.self_attn.qkv_proj.weight',
    )!;
    expect(block.shape).toEqual([16, 8]);
    expect(block.parts.map(({ name, shape }) => [name.split('.')[4], ...shape])).toEqual([
      ['q_proj', 8, 8],
      ['k_proj', 4, 8],
      ['v_proj', 4, 8],
    ]);
  });

  it('knows the older and the newer place of the base of rotary positions', () => {
    const { rope_theta: base, ...rest } = smallConfigs.llama;
    expect(
      parseNetwork({ ...rest, rope_parameters: { rope_theta: base, rope_type: 'default' } }).configJson()[
        'rope_theta'
      ],
    ).toBe(base);
    expect(() => parseNetwork({ ...rest, rope_scaling: { rope_type: 'llama3', factor: 8 } })).toThrow(
      '"rope_scaling" must be an object whose "low_freq_factor" is a number over 0. Got {"rope_type":"llama3","factor":8} instead.',
    );
    expect(() => parseNetwork({ ...rest, rope_scaling: { type: 'mystery' } })).toThrow(
      '"rope_scaling" must be of type "default", "linear", "dynamic", "llama3", "yarn" or "longrope". Got {"type":"mystery"} instead.',
    );
  });

  it('refuses unknown families and shapes that do not fit, all problems together', () => {
    expect(() => parseNetwork({ model_type: 'gpt2' }, 'a/config.json')).toThrow(
      'a/config.json must have a "model_type" that Overture knows: bert, roberta, distilbert, llama. Got "gpt2" instead: choose a base model of one of these.',
    );
    expect(() =>
      parseNetwork({ ...smallConfigs.llama, num_key_value_heads: 3, hidden_act: 'gelu', head_dim: 3 }),
    ).toThrow(
      'config.json does not describe a Llama-type model: "hidden_act" must be "silu" or "swish". Got "gelu" instead. "num_attention_heads" must be divisible by num_key_value_heads (3). Got 4 instead. "head_dim" must be even. Got 3 instead.',
    );
    expect(() => parseNetwork({ model_type: 'distilbert', dim: 8 })).toThrow(
      '"n_layers" must be a positive integer. Got nothing instead.',
    );
  });
});

describe('heads', () => {
  const llama = parseNetwork(smallConfigs.llama);

  it('are named as Hugging Face names them', () => {
    const classifier = sequenceClassifier(llama, { classes: 2 });
    expect(
      classifier.parameters.filter(({ head }) => head).map(({ name, shape }) => [name, ...shape]),
    ).toEqual([['score.weight', 2, 8]]);
    expect(classifier.configJson(['no', 'yes'])).toMatchObject({
      architectures: ['LlamaForSequenceClassification'],
      id2label: { 0: 'no', 1: 'yes' },
      problem_type: 'single_label_classification',
    });
    expect(multiLabelClassifier(parseNetwork(smallConfigs.bert), { labels: 4 }).configJson()).toMatchObject({
      architectures: ['BertForSequenceClassification'],
      problem_type: 'multi_label_classification',
      label2id: { LABEL_3: 3 },
    });
  });

  it('use the embedding again where a language model ties it', () => {
    expect(causalLanguageModel(llama).parameters).toEqual(llama.parameters);
    const untied = causalLanguageModel(parseNetwork(smallConfigs['llama, wide heads, untied']));
    expect(untied.parameters[0]).toMatchObject({ name: 'lm_head.weight', shape: [12, 8], head: false });
  });
});
