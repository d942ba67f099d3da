import type { JsonValue } from '@overture/core';
import { ConfigProblems, readConfigObject, type RawConfig } from './config-reader.ts';
import { readRopeScaling, ropeScalingJson, type RopeScaling } from './rope-scaling.ts';

/** Dimensions of a Llama-type network, read from a Hugging Face `config.json`. */
export interface LlamaConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  /** Elements per head. */
  readonly headWidth: number;
  readonly intermediateSize: number;
  readonly maxPositions: number;
  readonly rmsNormEpsilon: number;
  readonly ropeBase: number;
  readonly ropeScaling?: RopeScaling;
  readonly tiedEmbeddings: boolean;
  readonly padTokenId: number;
  /** Tokens that begin and end generation, if the file has them; not part of the network. */
  readonly bosTokenId?: number;
  readonly eosTokenId?: number;
}

/**
 * Reads a `config.json`. All problems are reported in one error.
 * @throws AppError `MODEL_CONFIG_INVALID` with each invalid key, its rule, and its value
 */
export function parseLlamaConfig(json: unknown, where = 'config.json'): LlamaConfig {
  const raw = readConfigObject(json, where);
  const ropeScaling = checkLlamaConfig(raw, where);
  const number = (key: string, otherwise: number): number =>
    (raw[key] as number | null | undefined) ?? otherwise;
  const heads = raw['num_attention_heads'] as number;
  const hiddenSize = raw['hidden_size'] as number;
  const optional = (field: string, key: string): Record<string, number> =>
    Number.isSafeInteger(raw[key]) ? { [field]: raw[key] as number } : {};
  return {
    vocabSize: raw['vocab_size'] as number,
    hiddenSize,
    layers: raw['num_hidden_layers'] as number,
    heads,
    keyValueHeads: number('num_key_value_heads', heads),
    headWidth: number('head_dim', hiddenSize / heads),
    intermediateSize: raw['intermediate_size'] as number,
    maxPositions: number('max_position_embeddings', 2048),
    rmsNormEpsilon: number('rms_norm_eps', 1e-6),
    ropeBase: ropeBase(raw),
    ropeScaling,
    tiedEmbeddings: raw['tie_word_embeddings'] === true,
    padTokenId: rowOr(raw['pad_token_id'], raw['vocab_size'] as number, 0),
    ...optional('bosTokenId', 'bos_token_id'),
    ...optional('eosTokenId', 'eos_token_id'),
  };
}

/** The same dimensions as Hugging Face config members. */
export function llamaConfigJson(config: LlamaConfig): Record<string, JsonValue> {
  return {
    model_type: 'llama',
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyValueHeads,
    head_dim: config.headWidth,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.rmsNormEpsilon,
    rope_theta: config.ropeBase,
    ...(config.ropeScaling === undefined
      ? {}
      : { rope_scaling: ropeScalingJson(config.ropeScaling, config.maxPositions) }),
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: config.tiedEmbeddings,
    pad_token_id: config.padTokenId,
    ...(config.bosTokenId === undefined ? {} : { bos_token_id: config.bosTokenId }),
    ...(config.eosTokenId === undefined ? {} : { eos_token_id: config.eosTokenId }),
  };
}

/** transformers 5 stores it in `rope_parameters`. */
function ropeBase(raw: RawConfig): number {
  return (raw['rope_theta'] ??
    (raw['rope_parameters'] as RawConfig | undefined)?.['rope_theta'] ??
    10_000) as number;
}

/** Early Llama files have -1 for no padding token. The replacement has no effect on a decoder's results. */
function rowOr(id: unknown, rows: number, otherwise: number): number {
  return Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < rows
    ? (id as number)
    : otherwise;
}

function checkLlamaConfig(raw: RawConfig, where: string): RopeScaling | undefined {
  const problems = new ConfigProblems(raw);
  problems.expect('model_type', '"llama"', raw['model_type'] === 'llama');
  problems.positiveIntegers([
    'vocab_size',
    'hidden_size',
    'num_hidden_layers',
    'num_attention_heads',
    'intermediate_size',
  ]);
  problems.positiveIntegers(
    ['num_key_value_heads', 'head_dim', 'max_position_embeddings'].filter((key) => raw[key] !== undefined),
  );
  problems.oneOf('hidden_act', 'silu', 'swish');
  problems.oneOf('attention_bias', false);
  problems.oneOf('mlp_bias', false);
  problems.oneOf('tie_word_embeddings', true, false);
  problems.fraction('rms_norm_eps');
  problems.unquantized();
  problems.divisible('num_attention_heads', 'num_key_value_heads');
  if (raw['head_dim'] === undefined) problems.divisible('hidden_size', 'num_attention_heads');
  const width =
    (raw['head_dim'] as number | undefined) ??
    (raw['hidden_size'] as number) / (raw['num_attention_heads'] as number);
  problems.expect(
    'head_dim',
    'even',
    typeof width !== 'number' || !Number.isInteger(width) || width % 2 === 0,
  );
  const base = ropeBase(raw);
  problems.expect(
    'rope_theta',
    'a number over 1',
    typeof base === 'number' && base > 1 && Number.isFinite(base),
  );
  const maxPositions = raw['max_position_embeddings'];
  const scaling = readRopeScaling(
    raw,
    {
      width: Number.isInteger(width) ? width : 2,
      maxPositions: typeof maxPositions === 'number' && maxPositions > 0 ? maxPositions : 2048,
    },
    problems,
  );
  problems.throwIfAny(where, 'Llama');
  return scaling;
}
