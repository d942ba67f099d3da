import { counterRandom } from '@overture/core';
import { resolveTagSet } from '@overture/dialogue';
import { parseNetwork, sequenceClassifier } from '@overture/models';
import { elementCount, float32 } from '@overture/tensors';
import { referenceFamilyJson, referenceTokenizerJson } from '@overture/tokenization/testing';
import type { BundleContent } from '../write-bundle.ts';

const size = {
  vocab_size: 1200,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 64,
  max_position_embeddings: 600,
};
const distilled = {
  vocab_size: 1200,
  dim: 32,
  n_layers: 2,
  n_heads: 4,
  hidden_dim: 64,
  max_position_embeddings: 600,
};
const llama = {
  model_type: 'llama',
  ...size,
  num_key_value_heads: 2,
  rope_theta: 10_000,
  tie_word_embeddings: true,
};

interface FamilyParts extends Pick<BundleContent, 'pooling'>, Partial<Pick<BundleContent, 'protocol'>> {
  readonly config: { readonly model_type: string; readonly [key: string]: unknown };
  readonly tokenizer: string;
}

/** A base model of every network family and tokenizer type: config.json and tokenizer.json. */
export const families = {
  bert: { config: { model_type: 'bert', ...size, type_vocab_size: 2 }, tokenizer: 'bert', pooling: 'mean' },
  roberta: {
    config: { model_type: 'roberta', ...size, type_vocab_size: 1, pad_token_id: 1, layer_norm_eps: 1e-5 },
    tokenizer: 'roberta',
    pooling: 'cls',
  },
  distilbert: { config: { model_type: 'distilbert', ...distilled }, tokenizer: 'bert', pooling: 'cls' },
  'llama 2': { config: llama, tokenizer: 'llama2', pooling: 'last' },
  'llama 3': { config: llama, tokenizer: 'llama3', pooling: 'last' },
  'roberta, Unigram': {
    config: { model_type: 'roberta', ...size, type_vocab_size: 1, pad_token_id: 1 },
    tokenizer: 'xlm-roberta',
    pooling: 'mean',
    protocol: 'utterance',
  },
} as const satisfies Record<string, FamilyParts>;

/** The name of a base model family. */
export type Family = keyof typeof families;

/** The content of a family's bundle: random weights, large enough that predictions differ. */
export function familyBundleContent(family: Family, changes: Partial<BundleContent> = {}): BundleContent {
  const { config, tokenizer, pooling, protocol = 'cikm23' }: FamilyParts = families[family];
  const model = sequenceClassifier(parseNetwork(JSON.stringify(config)), { classes: 2 });
  const parts = [...model.parameters, ...model.frozen].flatMap((block) => block.parts);
  const scaleOf = (name: string): number =>
    name.startsWith(`${model.network.head.classifierLayer}.`) ? 1 : 0.3;
  const weights = parts.map(({ name, shape }) => {
    const random = counterRandom(5, name);
    const gain = Number(/norm/i.test(name) && name.endsWith('weight'));
    return [
      name,
      float32(
        shape,
        Float32Array.from({ length: elementCount(shape) }, (_, i) => scaleOf(name) * random.normal(i) + gain),
      ),
    ] as const;
  });
  return {
    name: `initiative, ${family}`,
    model,
    pooling,
    protocol,
    weights: new Map(weights),
    tokenizer: tokenizer === 'bert' ? referenceTokenizerJson() : referenceFamilyJson(tokenizer),
    base: { name: family },
    tagSet: resolveTagSet('cikm23-5'),
    maxLength: 128,
    threshold: 0.5,
    temperature: 1.3,
    training: { settings: {}, measured: {} },
    ...changes,
  };
}
