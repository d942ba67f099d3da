import { counterRandom } from '@overture/core';
import { elementCount, float32 } from '@overture/tensors';
import type { Weights } from '../model-weights.ts';
import type { Model } from '../model.ts';

const bert = {
  vocab_size: 12,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
};

/** A config.json for every family: networks of a few hundred parameters with a vocabulary of 12. */
export const smallConfigs = {
  bert: { model_type: 'bert', ...bert, max_position_embeddings: 10, type_vocab_size: 2 },
  roberta: {
    model_type: 'roberta',
    ...bert,
    max_position_embeddings: 12,
    type_vocab_size: 1,
    pad_token_id: 1,
    layer_norm_eps: 1e-5,
  },
  distilbert: {
    model_type: 'distilbert',
    vocab_size: 12,
    dim: 8,
    n_layers: 2,
    n_heads: 2,
    hidden_dim: 16,
    max_position_embeddings: 10,
  },
  llama: {
    model_type: 'llama',
    ...bert,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 10,
    rope_theta: 100,
    tie_word_embeddings: true,
  },
  'llama, wide heads, untied': {
    model_type: 'llama',
    ...bert,
    num_key_value_heads: 1,
    head_dim: 6,
    max_position_embeddings: 10,
    tie_word_embeddings: false,
  },
} as const;

/** Random weights with a larger deviation than pretrained ones, so that every part affects the result. */
export function randomWeights(model: Pick<Model, 'parameters' | 'frozen'>, seed = 4): Weights {
  const parts = [...model.parameters, ...model.frozen].flatMap((block) =>
    block.parts.map((part) => ({ ...part, scale: /norm/i.test(part.name) && part.name.endsWith('weight') })),
  );
  return new Map(
    parts.map(({ name, shape, scale }) => {
      const random = counterRandom(seed, name);
      return [
        name,
        float32(
          shape,
          Float32Array.from(
            { length: elementCount(shape) },
            (_, i) => 0.3 * random.normal(i) + Number(scale),
          ),
        ),
      ];
    }),
  );
}
