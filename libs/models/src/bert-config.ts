import { AppError, type JsonValue } from '@overture/core';

/** The shape of a BERT-type encoder, read from a Hugging Face `config.json`. */
export interface BertConfig {
  readonly modelType: 'bert';
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly maxPositions: number;
  readonly typeVocabSize: number;
  readonly layerNormEpsilon: number;
  readonly padTokenId: number;
}

type Raw = Readonly<Record<string, unknown>>;

const integerKeys = {
  vocabSize: 'vocab_size',
  hiddenSize: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  intermediateSize: 'intermediate_size',
  maxPositions: 'max_position_embeddings',
  typeVocabSize: 'type_vocab_size',
} as const;

/**
 * Reads a `config.json`; everything wrong with it is reported together.
 * @param json the file's text, or what JSON.parse made of it
 * @param where the file's name, for the message
 * @throws AppError `MODEL_CONFIG_INVALID` naming each key, what it must be and what it is
 */
export function parseBertConfig(json: unknown, where = 'config.json'): BertConfig {
  const raw = asObject(json, where);
  const problems = problemsOf(raw);
  if (problems.length > 0) {
    throw new AppError('MODEL_CONFIG_INVALID', `${where} does not describe a BERT-type model: ${problems.join(' ')} Choose a base model of type "bert".`, {
      details: { where, problems },
    });
  }
  const integers = Object.fromEntries(Object.entries(integerKeys).map(([field, key]) => [field, raw[key]])) as Record<keyof typeof integerKeys, number>;
  return {
    modelType: 'bert',
    ...integers,
    layerNormEpsilon: (raw['layer_norm_eps'] as number | undefined) ?? 1e-12,
    padTokenId: (raw['pad_token_id'] as number | null | undefined) ?? 0,
  };
}

/** The same shape in Hugging Face's words, to be written beside fine-tuned weights. */
export function bertConfigJson(config: BertConfig): Record<string, JsonValue> {
  const integers = Object.entries(integerKeys).map(([field, key]) => [key, config[field as keyof typeof integerKeys]]);
  return {
    model_type: 'bert',
    ...(Object.fromEntries(integers) as Record<string, number>),
    hidden_act: 'gelu',
    layer_norm_eps: config.layerNormEpsilon,
    pad_token_id: config.padTokenId,
    position_embedding_type: 'absolute',
  };
}

function asObject(json: unknown, where: string): Raw {
  let value = json;
  if (typeof json === 'string') {
    try {
      value = JSON.parse(json);
    } catch (cause) {
      throw new AppError('MODEL_CONFIG_INVALID', `${where} must be JSON. ${(cause as Error).message}. Fetch the file again.`, { details: { where }, cause });
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Raw;
  throw new AppError('MODEL_CONFIG_INVALID', `${where} must hold a JSON object. Got ${shown(value)} instead.`, { details: { where } });
}

function problemsOf(raw: Raw): string[] {
  const problems: string[] = [];
  const expect = (key: string, what: string, ok: boolean): void => {
    if (!ok) problems.push(`"${key}" must be ${what}. Got ${shown(raw[key])} instead.`);
  };
  expect('model_type', '"bert"', raw['model_type'] === 'bert');
  for (const key of Object.values(integerKeys)) expect(key, 'a positive integer', Number.isSafeInteger(raw[key]) && (raw[key] as number) > 0);
  // "gelu" is the exact, erf-based form; the tanh approximations are other functions
  expect('hidden_act', '"gelu"', raw['hidden_act'] === undefined || raw['hidden_act'] === 'gelu');
  expect('position_embedding_type', '"absolute"', raw['position_embedding_type'] === undefined || raw['position_embedding_type'] === 'absolute');
  const epsilon = raw['layer_norm_eps'];
  expect('layer_norm_eps', 'a number over 0 and under 1', epsilon === undefined || (typeof epsilon === 'number' && epsilon > 0 && epsilon < 1));
  const [hidden, heads, pad, vocab] = [raw['hidden_size'], raw['num_attention_heads'], raw['pad_token_id'] ?? 0, raw['vocab_size']];
  if (typeof hidden === 'number' && typeof heads === 'number') expect('hidden_size', `divisible by num_attention_heads (${heads})`, hidden % heads === 0);
  expect('pad_token_id', 'a row of the vocabulary', Number.isSafeInteger(pad) && (pad as number) >= 0 && (typeof vocab !== 'number' || (pad as number) < vocab));
  return problems;
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value);
}
