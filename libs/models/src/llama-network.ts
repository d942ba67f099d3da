import { add, mul, rmsNormalization, silu, type Value } from '@overture/graph';
import type { AttentionShape, Layout } from './layout.ts';
import { llamaConfigJson, parseLlamaConfig, type LlamaConfig } from './llama-config.ts';
import type { Network, ParameterSource, LayerRange } from './network.ts';
import { singleBlock, stackedBlock, type ParameterBlock } from './parameter-block.ts';
import { describeUnused, llamaUnused } from './weights/unused-tensors.ts';

const embedding = 'model.embed_tokens.weight';

/**
 * Creates a Llama-type decoder: RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU,
 * no biases.
 */
export function llamaNetwork(config: LlamaConfig): Network {
  const { vocabSize, hiddenSize, layers, maxPositions, padTokenId, tiedEmbeddings } = config;
  return {
    family: 'llama',
    size: { vocabSize, hiddenSize, layers, maxPositions, padTokenId },
    prefix: 'model.',
    parameters: [
      ...Array.from({ length: layers }, (_, layer) => layerParameters(config, layer)).flat(),
      singleBlock('model.norm.weight', [hiddenSize], { depth: layers + 1, norm: true }),
      singleBlock(embedding, [vocabSize, hiddenSize], { depth: 0, table: true }),
    ],
    embedding,
    tokenTypes: false,
    defaultPooling: 'last',
    head: {
      classifier: 'LlamaForSequenceClassification',
      classifierLayer: 'score',
      classifierBias: false,
      classifierDropout: false,
      causal: 'LlamaForCausalLM',
      ...(tiedEmbeddings ? {} : { causalLayer: 'lm_head' }),
    },
    tied: tiedEmbeddings ? ['lm_head.weight'] : [],
    unused: describeUnused({ encoder: /^(embed_tokens|layers|norm)\./, rows: llamaUnused }),
    encode: (layout, parameters, layerRange) => llamaDecoder(config, layout, { parameters, ...layerRange }),
    configJson: () => llamaConfigJson(config),
  };
}

/**
 * `llamaNetwork` from a config.json.
 * @throws AppError `MODEL_CONFIG_INVALID`
 */
export function parseLlamaNetwork(json: unknown, where: string): Network {
  return llamaNetwork(parseLlamaConfig(json, where));
}

function layerParameters(
  { hiddenSize, intermediateSize, heads, keyValueHeads, headWidth }: LlamaConfig,
  layer: number,
): ParameterBlock[] {
  const at = `model.layers.${layer}`;
  const options = { depth: layer + 1 };
  const norm = (name: string): ParameterBlock =>
    singleBlock(`${at}.${name}.weight`, [hiddenSize], { ...options, norm: true });
  const linear = (name: string, out: number, into: number): ParameterBlock =>
    singleBlock(`${at}.${name}.weight`, [out, into], options);
  const projections = [
    ['q_proj', heads],
    ['k_proj', keyValueHeads],
    ['v_proj', keyValueHeads],
  ] as const;
  return [
    norm('input_layernorm'),
    stackedBlock(
      `${at}.self_attn.qkv_proj.weight`,
      projections.map(([name, count]) => ({
        name: `${at}.self_attn.${name}.weight`,
        shape: [count * headWidth, hiddenSize],
      })),
      options,
    ),
    linear('self_attn.o_proj', hiddenSize, heads * headWidth),
    norm('post_attention_layernorm'),
    linear('mlp.gate_proj', intermediateSize, hiddenSize),
    linear('mlp.up_proj', intermediateSize, hiddenSize),
    linear('mlp.down_proj', hiddenSize, intermediateSize),
  ];
}

/**
 * Touvron et al., arXiv:2302.13971, section 2.2: [rows, hidden]. Dropout applies only to attention
 * probabilities, as in transformers.
 */
function llamaDecoder(
  config: LlamaConfig,
  layout: Layout,
  { parameters: { value, linear }, from, to }: LayerRange & { readonly parameters: ParameterSource },
): Value {
  const {
    heads,
    keyValueHeads,
    headWidth: width,
    ropeBase: base,
    ropeScaling: scaling,
    maxPositions: positions,
  } = config;
  const shape: AttentionShape = {
    heads,
    keyValueHeads,
    width,
    causal: true,
    rotary: { base, scaling, positions },
  };
  const norm = (x: Value, at: string): Value =>
    rmsNormalization(x, value(`${at}.weight`), config.rmsNormEpsilon);
  const begin = from?.depth ?? 0;
  let rows = from?.rows ?? layout.embed({ word: value(embedding) });
  for (let layer = begin; layer < (to ?? config.layers); layer++) {
    const at = `model.layers.${layer}`;
    const read = (x: Value): Value =>
      to === undefined && layer === config.layers - 1 ? layout.choose(x) : x;
    rows = rows.builder.scope(`layer.${layer}`, () => {
      const context = read(
        layout.attend(linear(norm(rows, `${at}.input_layernorm`), `${at}.self_attn.qkv_proj`), shape),
      );
      const attended = add(read(rows), linear(context, `${at}.self_attn.o_proj`));
      const inner = norm(attended, `${at}.post_attention_layernorm`);
      const gated = mul(silu(linear(inner, `${at}.mlp.gate_proj`)), linear(inner, `${at}.mlp.up_proj`));
      return add(attended, linear(gated, `${at}.mlp.down_proj`));
    });
  }
  if (to !== undefined) return rows;
  return norm(begin === config.layers ? layout.choose(rows) : rows, 'model.norm');
}
