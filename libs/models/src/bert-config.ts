import type { JsonValue } from '@overture/core';
import { bertNames } from './bert-names.ts';
import { ConfigProblems, readConfigObject, type RawConfig } from './config-reader.ts';
import { bertModelTypes, type BertModelType } from './bert-model-type.ts';
import type { BertConfig } from './bert-dimensions.ts';

/**
 * Reads a `config.json`. All problems are reported in one error.
 * @param json the file's text or its parsed content
 * @param where the file's name, for the message
 * @throws AppError `MODEL_CONFIG_INVALID` with each invalid key, its rule, and its value
 */
export function parseBertConfig(json: unknown, where = 'config.json'): BertConfig {
  const raw = readConfigObject(json, where);
  const modelType = bertModelTypes.find((type) => type === raw['model_type']) ?? 'bert';
  const { keys, epsilon, positionOffset } = bertNames[modelType];
  checkBertConfig(raw, modelType, where);
  const integer = (key: string): number => raw[key] as number;
  const padTokenId = (raw['pad_token_id'] as number | null | undefined) ?? 0;
  return {
    modelType,
    vocabSize: integer(keys.vocabSize),
    hiddenSize: integer(keys.hiddenSize),
    layers: integer(keys.layers),
    heads: integer(keys.heads),
    intermediateSize: integer(keys.intermediateSize),
    maxPositions: integer(keys.maxPositions) - positionOffset({ padTokenId }),
    typeVocabSize: keys.typeVocabSize === undefined ? 0 : integer(keys.typeVocabSize),
    layerNormEpsilon: (raw['layer_norm_eps'] as number | undefined) ?? epsilon,
    padTokenId,
  };
}

/** The same dimensions as Hugging Face config members, to be written next to fine-tuned weights. */
export function bertConfigJson(config: BertConfig): Record<string, JsonValue> {
  const { keys, positionOffset } = bertNames[config.modelType];
  return {
    model_type: config.modelType,
    [keys.vocabSize]: config.vocabSize,
    [keys.hiddenSize]: config.hiddenSize,
    [keys.layers]: config.layers,
    [keys.heads]: config.heads,
    [keys.intermediateSize]: config.intermediateSize,
    [keys.maxPositions]: config.maxPositions + positionOffset(config),
    ...(keys.typeVocabSize === undefined ? {} : { [keys.typeVocabSize]: config.typeVocabSize }),
    [keys.activation]: 'gelu',
    layer_norm_eps: config.layerNormEpsilon,
    pad_token_id: config.padTokenId,
    position_embedding_type: 'absolute',
  };
}

function checkBertConfig(raw: RawConfig, modelType: BertModelType, where: string): void {
  const { keys, positionOffset } = bertNames[modelType];
  const problems = new ConfigProblems(raw);
  problems.expect(
    'model_type',
    bertModelTypes.map((type) => `"${type}"`).join(' or '),
    raw['model_type'] === modelType,
  );
  const { activation, ...integers } = keys;
  problems.positiveIntegers(Object.values(integers));
  // "gelu" is the exact form with erf; the tanh approximations are different functions
  problems.oneOf(activation, 'gelu', 'gelu_python');
  problems.oneOf('position_embedding_type', 'absolute');
  problems.oneOf('is_decoder', false);
  problems.oneOf('add_cross_attention', false);
  problems.expect(
    'pruned_heads',
    'empty: networks without some of their heads are not supported',
    Object.keys((raw['pruned_heads'] as object | undefined) ?? {}).length === 0,
  );
  problems.unquantized();
  problems.fraction('layer_norm_eps');
  problems.divisible(keys.hiddenSize, keys.heads);
  problems.padToken(keys.vocabSize);
  const [pad, positions] = [raw['pad_token_id'] ?? 0, raw[keys.maxPositions]];
  if (typeof pad === 'number' && typeof positions === 'number') {
    const offset = positionOffset({ padTokenId: pad });
    if (offset > 0)
      problems.expect(
        keys.maxPositions,
        `over ${offset}, where the first token's position lies`,
        positions > offset,
      );
  }
  problems.throwIfAny(where, 'BERT');
}
