import { describe, expect, it } from 'vitest';
import { bertConfigJson, parseBertConfig } from './bert-config.ts';

const miniLm = {
  model_type: 'bert',
  vocab_size: 30522,
  hidden_size: 384,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  intermediate_size: 1536,
  max_position_embeddings: 512,
  type_vocab_size: 2,
  hidden_act: 'gelu',
  layer_norm_eps: 1e-12,
  pad_token_id: 0,
};

describe('parseBertConfig', () => {
  it('reads the shape from text and from data, and writes it back', () => {
    const config = parseBertConfig(JSON.stringify(miniLm));
    expect(config).toMatchObject({
      hiddenSize: 384,
      layers: 6,
      heads: 12,
      intermediateSize: 1536,
      maxPositions: 512,
      layerNormEpsilon: 1e-12,
    });
    expect(parseBertConfig(bertConfigJson(config))).toEqual(config);
  });

  it('names every key that does not fit, with what was expected and what came', () => {
    const wrong = { ...miniLm, model_type: 'llama', hidden_act: 'relu', num_hidden_layers: -1 };
    expect(() => parseBertConfig(wrong, 'a/config.json')).toThrow(
      'a/config.json does not describe a BERT-type model: "model_type" must be "bert" or "roberta" or "distilbert". Got "llama" instead. "num_hidden_layers" must be a positive integer. Got -1 instead. "hidden_act" must be "gelu" or "gelu_python". Got "relu" instead.',
    );
  });

  it('refuses heads that do not divide the hidden size', () => {
    expect(() => parseBertConfig({ ...miniLm, num_attention_heads: 7 })).toThrow(
      '"hidden_size" must be divisible by num_attention_heads (7). Got 384 instead.',
    );
  });

  it('refuses what is not an object, and what is not JSON', () => {
    expect(() => parseBertConfig('[1]')).toThrow('config.json must hold a JSON object. Got [1] instead.');
    expect(() => parseBertConfig('{')).toThrow('config.json must be JSON.');
  });
});
