import { add, gelu, layerNormalization, type Value } from '@overture/graph';
import { bertConfigJson, parseBertConfig } from './bert-config.ts';
import type { BertConfig } from './bert-dimensions.ts';
import { bertNames } from './bert-names.ts';
import { bertEncoderParameters } from './bert-parameters.ts';
import type { Layout } from './layout.ts';
import type { Network, ParameterSource, LayerRange } from './network.ts';
import { bertUnused, describeUnused } from './weights/unused-tensors.ts';

/** Creates a network with BERT's encoder: BERT, MiniLM, RoBERTa, or DistilBERT. */
export function bertNetwork(config: BertConfig): Network {
  const { prefix, head, encoderNames, tied, embeddings, feedsTokenTypes } = bertNames[config.modelType];
  const { vocabSize, hiddenSize, layers, maxPositions, padTokenId, modelType } = config;
  return {
    family: modelType,
    size: { vocabSize, hiddenSize, layers, maxPositions, padTokenId },
    prefix,
    head,
    tied,
    unused: describeUnused({ encoder: encoderNames, rows: bertUnused }),
    parameters: bertEncoderParameters(config),
    embedding: embeddings.word,
    tokenTypes: feedsTokenTypes,
    defaultPooling: 'mean',
    encode: (layout, parameters, layerRange) => bertEncoder(config, layout, { parameters, ...layerRange }),
    configJson: () => bertConfigJson(config),
  };
}

/**
 * `bertNetwork` from a config.json.
 * @throws AppError `MODEL_CONFIG_INVALID`
 */
export function parseBertNetwork(json: unknown, where: string): Network {
  return bertNetwork(parseBertConfig(json, where));
}

/**
 * Embeddings, then layers that normalize after the residual addition (Devlin et al. 2019, arXiv:1810.04805,
 * section 3): [rows, hidden].
 */
function bertEncoder(
  config: BertConfig,
  layout: Layout,
  { parameters, from, to }: LayerRange & { readonly parameters: ParameterSource },
): Value {
  const { embeddings, layer: namesOf, positionOffset, dropsAttentionOutput } = bertNames[config.modelType];
  const { value, linear } = parameters;
  const norm = (x: Value, at: string): Value =>
    layerNormalization(x, value(`${at}.weight`), value(`${at}.bias`), config.layerNormEpsilon);
  const { heads } = config;
  const drop = (x: Value): Value => layout.drop(x, 'hidden');
  const shape = { heads, keyValueHeads: heads, width: config.hiddenSize / heads, causal: false };
  const embedded = (): Value =>
    layout.embed({
      word: value(embeddings.word),
      position: { table: value(embeddings.position), offset: positionOffset(config) },
      tokenType: embeddings.tokenType === undefined ? undefined : value(embeddings.tokenType),
    });
  const begin = from?.depth ?? 0;
  let rows = from?.rows ?? drop(norm(embedded(), embeddings.norm));
  for (let layer = begin; layer < (to ?? config.layers); layer++) {
    const at = namesOf(layer);
    const read = (x: Value): Value =>
      to === undefined && layer === config.layers - 1 ? layout.choose(x) : x;
    rows = rows.builder.scope(`layer.${layer}`, () => {
      const context = read(layout.attend(linear(rows, at.qkv), shape));
      const projected = linear(context, at.attentionOutput);
      const attended = norm(
        add(dropsAttentionOutput ? drop(projected) : projected, read(rows)),
        at.attentionNorm,
      );
      return norm(add(drop(linear(gelu(linear(attended, at.inner)), at.outer)), attended), at.outerNorm);
    });
  }
  return to === undefined && begin === config.layers ? layout.choose(rows) : rows;
}
