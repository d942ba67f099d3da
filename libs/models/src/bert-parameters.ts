import { bertNames, type BertNames } from './bert-names.ts';
import type { BertConfig } from './bert-dimensions.ts';
import { singleBlock, stackedBlock, type ParameterBlock } from './parameter-block.ts';

/** The encoder's blocks: dense ones first, the embedding tables last. */
export function bertEncoderParameters(config: BertConfig): readonly ParameterBlock[] {
  const { hiddenSize: hidden, layers } = config;
  const { embeddings, positionOffset } = bertNames[config.modelType];
  const table = { table: true, depth: 0 };
  return [
    ...Array.from({ length: layers }, (_, layer) => layerParameters(config, layer)).flat(),
    ...norm(embeddings.norm, hidden, 0),
    ...(embeddings.tokenType === undefined
      ? []
      : [singleBlock(embeddings.tokenType, [config.typeVocabSize, hidden], table)]),
    singleBlock(embeddings.position, [positionOffset(config) + config.maxPositions, hidden], table),
    singleBlock(embeddings.word, [config.vocabSize, hidden], table),
  ];
}

function layerParameters(config: BertConfig, layer: number): ParameterBlock[] {
  const { hiddenSize: hidden, intermediateSize: inner, modelType } = config;
  const names: ReturnType<BertNames['layer']> = bertNames[modelType].layer(layer);
  const depth = layer + 1;
  const linear = (at: string, out: number, into: number): ParameterBlock[] => [
    singleBlock(`${at}.weight`, [out, into], { depth }),
    singleBlock(`${at}.bias`, [out], { depth }),
  ];
  const qkv = (kind: string, shape: readonly number[]): ParameterBlock =>
    stackedBlock(
      `${names.qkv}.${kind}`,
      [names.query, names.key, names.value].map((at) => ({ name: `${at}.${kind}`, shape })),
      { depth },
    );
  return [
    qkv('weight', [hidden, hidden]),
    qkv('bias', [hidden]),
    ...linear(names.attentionOutput, hidden, hidden),
    ...norm(names.attentionNorm, hidden, depth),
    ...linear(names.inner, inner, hidden),
    ...linear(names.outer, hidden, inner),
    ...norm(names.outerNorm, hidden, depth),
  ];
}

function norm(at: string, width: number, depth: number): ParameterBlock[] {
  return ['weight', 'bias'].map((kind) => singleBlock(`${at}.${kind}`, [width], { depth, norm: true }));
}
