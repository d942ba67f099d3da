import { add, gelu, gemm, layerNormalization, type Value } from '@overture/graph';
import type { BertConfig } from './bert-config.ts';
import type { Layout } from './layout.ts';

/** Finds a parameter's value in the graph under construction by its block's name. */
export type ParameterLookup = (name: string) => Value;

/**
 * The logits [batch, 2] of the initiative classifier: encoder (Devlin et al. 2019, arXiv:1810.04805, section 3), pooling, one
 * linear layer. Without dropout.
 */
export function bertClassifier(config: BertConfig, layout: Layout, parameter: ParameterLookup): Value {
  const pooled = layout.pool(bertEncoder(config, layout, parameter));
  return linear(pooled, 'classifier', parameter);
}

/** The hidden state of every token: [rows, hidden]. */
export function bertEncoder(config: BertConfig, layout: Layout, parameter: ParameterLookup): Value {
  const { builder } = parameter('bert.embeddings.LayerNorm.weight');
  const embedded = layout.embed({
    word: parameter('bert.embeddings.word_embeddings.weight'),
    position: parameter('bert.embeddings.position_embeddings.weight'),
    tokenType: parameter('bert.embeddings.token_type_embeddings.weight'),
  });
  const norm = (x: Value, at: string): Value => layerNormalization(x, parameter(`${at}.weight`), parameter(`${at}.bias`), config.layerNormEpsilon);
  let rows = norm(embedded, 'bert.embeddings.LayerNorm');
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `bert.encoder.layer.${layer}`;
    rows = builder.scope(`layer.${layer}`, () => {
      const context = layout.attend(linear(rows, `${at}.attention.self.qkv`, parameter), config);
      const attended = norm(add(linear(context, `${at}.attention.output.dense`, parameter), rows), `${at}.attention.output.LayerNorm`);
      const inner = gelu(linear(attended, `${at}.intermediate.dense`, parameter));
      return norm(add(linear(inner, `${at}.output.dense`, parameter), attended), `${at}.output.LayerNorm`);
    });
  }
  return rows;
}

/** x Wᵀ + b: [rows, in] → [rows, out]. */
function linear(x: Value, at: string, parameter: ParameterLookup): Value {
  return gemm(x, parameter(`${at}.weight`), parameter(`${at}.bias`), { transB: true });
}
