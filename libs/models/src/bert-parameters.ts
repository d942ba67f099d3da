import type { BertConfig } from './bert-config.ts';
import { singleBlock, stackedBlock, type ParameterBlock } from './parameter-block.ts';

/** The two classes of the initiative classifier: 0 no initiative, 1 initiative. */
export const classCount = 2;

/**
 * Every parameter of the encoder and its classification head, in the order of the flat buffer: dense blocks first, the
 * embedding tables last, so that the dense gradients are one contiguous range.
 */
export function bertParameters(config: BertConfig): readonly ParameterBlock[] {
  const { hiddenSize: hidden, layers } = config;
  const blocks = Array.from({ length: layers }, (_, layer) => layerParameters(config, `bert.encoder.layer.${layer}`)).flat();
  return [
    ...blocks,
    singleBlock('bert.embeddings.LayerNorm.weight', [hidden]),
    singleBlock('bert.embeddings.LayerNorm.bias', [hidden]),
    singleBlock('classifier.weight', [classCount, hidden], { head: true }),
    singleBlock('classifier.bias', [classCount], { head: true }),
    singleBlock('bert.embeddings.token_type_embeddings.weight', [config.typeVocabSize, hidden], { table: true }),
    singleBlock('bert.embeddings.position_embeddings.weight', [config.maxPositions, hidden], { table: true }),
    singleBlock('bert.embeddings.word_embeddings.weight', [config.vocabSize, hidden], { table: true }),
  ];
}

function layerParameters({ hiddenSize: hidden, intermediateSize: inner }: BertConfig, at: string): ParameterBlock[] {
  const self = (kind: string): string[] => ['query', 'key', 'value'].map((part) => `${at}.attention.self.${part}.${kind}`);
  return [
    stackedBlock(`${at}.attention.self.qkv.weight`, self('weight'), [hidden, hidden]),
    stackedBlock(`${at}.attention.self.qkv.bias`, self('bias'), [hidden]),
    singleBlock(`${at}.attention.output.dense.weight`, [hidden, hidden]),
    singleBlock(`${at}.attention.output.dense.bias`, [hidden]),
    singleBlock(`${at}.attention.output.LayerNorm.weight`, [hidden]),
    singleBlock(`${at}.attention.output.LayerNorm.bias`, [hidden]),
    singleBlock(`${at}.intermediate.dense.weight`, [inner, hidden]),
    singleBlock(`${at}.intermediate.dense.bias`, [inner]),
    singleBlock(`${at}.output.dense.weight`, [hidden, inner]),
    singleBlock(`${at}.output.dense.bias`, [hidden]),
    singleBlock(`${at}.output.LayerNorm.weight`, [hidden]),
    singleBlock(`${at}.output.LayerNorm.bias`, [hidden]),
  ];
}
