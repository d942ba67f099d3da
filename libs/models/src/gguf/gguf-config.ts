import { AppError, type JsonValue } from '@overture/core';
import type { Gguf, GgufValue } from '@overture/tensors';

/**
 * Typed access to a file's metadata. Methods throw AppError `GGUF_METADATA_INVALID` for a missing or mistyped
 * key.
 */
export interface GgufMetadata {
  readonly where: string;
  has(key: string): boolean;
  number(key: string): number;
  text(key: string): string;
  /** undefined if the key is absent. */
  flag(key: string): boolean | undefined;
  /** A list whose elements all have this type. */
  list<K extends 'string' | 'number'>(
    key: string,
    kind: K,
  ): readonly (K extends 'string' ? string : number)[];
}

/**
 * Creates typed access to a file's metadata.
 * @throws AppError `GGUF_METADATA_INVALID` from its methods, with the key
 */
export function ggufMetadata({ metadata }: Pick<Gguf, 'metadata'>, where: string): GgufMetadata {
  const expect = (key: string, kind: string, fits: (value: GgufValue | undefined) => boolean): GgufValue => {
    const value = metadata.get(key);
    if (value !== undefined && fits(value)) return value;
    throw new AppError(
      'GGUF_METADATA_INVALID',
      `${where} must say ${key} as a ${kind}. Got ${value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)} instead: use another file of the model.`,
      { details: { where, key } },
    );
  };
  return {
    where,
    has: (key) => metadata.has(key),
    number: (key) => expect(key, 'number', (value) => typeof value === 'number') as number,
    text: (key) => expect(key, 'string', (value) => typeof value === 'string') as string,
    flag: (key) =>
      metadata.has(key)
        ? (expect(key, 'truth value', (value) => typeof value === 'boolean') as boolean)
        : undefined,
    // checked just above
    list: (key, kind) =>
      expect(
        key,
        `list of ${kind}s`,
        (value) => Array.isArray(value) && value.every((item) => typeof item === kind),
      ) as never,
  };
}

/** The metadata and tensor shapes of a GGUF file. */
export interface GgufShapes extends Pick<Gguf, 'metadata'> {
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>;
}

/**
 * Tensor by which llama.cpp divides the frequencies of rotary positions; it belongs to the config, not the
 * weights.
 */
export const ropeFactors = 'rope_freqs.weight';

/**
 * Creates a Hugging Face `config.json` from a GGUF file of a Llama-type model.
 * @param factors values of the tensor `rope_freqs.weight`, if the file has it
 * @throws AppError `GGUF_ARCHITECTURE_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufConfigJson(
  gguf: GgufShapes,
  where: string,
  factors?: ArrayLike<number>,
): Record<string, JsonValue> {
  const metadata = ggufMetadata(gguf, where);
  const architecture = metadata.text('general.architecture');
  if (architecture !== 'llama') {
    throw new AppError(
      'GGUF_ARCHITECTURE_UNKNOWN',
      `${where} must hold a model of the architecture "llama". Got ${JSON.stringify(architecture)} instead: choose another model, or its safetensors.`,
      { details: { where, architecture } },
    );
  }
  const number = (key: string, otherwise?: number): number =>
    otherwise !== undefined && !metadata.has(key) ? otherwise : metadata.number(key);
  const { heads, keyValueHeads, width } = ggufHeads(gguf, where);
  const positions = number('llama.context_length');
  unsupported(metadata, 'llama.rope.dimension_count', width);
  unsupported(metadata, 'llama.attention.value_length', width);
  unsupported(metadata, 'llama.expert_count', 0);
  unsupported(metadata, 'split.count', 1);
  const token = (name: string): Record<string, number> =>
    metadata.has(`tokenizer.ggml.${name}`)
      ? { [name === 'padding_token_id' ? 'pad_token_id' : name]: number(`tokenizer.ggml.${name}`) }
      : {};
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size:
      gguf.tensors.get('token_embd.weight')?.shape[0] ??
      metadata.list('tokenizer.ggml.tokens', 'string').length,
    hidden_size: number('llama.embedding_length'),
    num_hidden_layers: number('llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    head_dim: width,
    intermediate_size: number('llama.feed_forward_length'),
    max_position_embeddings: positions,
    // the file stores float32; rounding restores the digits of the original config
    rms_norm_eps: Number(number('llama.attention.layer_norm_rms_epsilon').toPrecision(7)),
    rope_theta: number('llama.rope.freq_base', 10_000),
    ...ropeScaling(gguf, metadata, { positions, width, factors }),
    hidden_act: 'silu',
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    ...token('bos_token_id'),
    ...token('eos_token_id'),
    ...token('padding_token_id'),
  };
}

/**
 * Number of heads, of key and value heads, and elements per head.
 * @throws AppError `GGUF_METADATA_INVALID`
 */
export function ggufHeads(
  gguf: Pick<Gguf, 'metadata'>,
  where: string,
): { readonly heads: number; readonly keyValueHeads: number; readonly width: number } {
  const metadata = ggufMetadata(gguf, where);
  const optional = (key: string, otherwise: number): number =>
    metadata.has(key) ? metadata.number(key) : otherwise;
  const heads = metadata.number('llama.attention.head_count');
  return {
    heads,
    keyValueHeads: optional('llama.attention.head_count_kv', heads),
    width: optional('llama.attention.key_length', metadata.number('llama.embedding_length') / heads),
  };
}

/**
 * Creates the `rope_scaling` of a config.json. llama.cpp divides every frequency by its own factor and, with
 * linear scaling, also by the common factor.
 */
function ropeScaling(
  { tensors }: GgufShapes,
  metadata: GgufMetadata,
  {
    positions,
    width,
    factors,
  }: { readonly positions: number; readonly width: number; readonly factors?: ArrayLike<number> },
): Record<string, JsonValue> {
  if (tensors.has(ropeFactors) !== (factors !== undefined))
    throw new AppError(
      'GGUF_METADATA_INVALID',
      `${metadata.where} has ${ropeFactors}: its numbers must be passed on.`,
      { details: { where: metadata.where } },
    );
  const type = metadata.has('llama.rope.scaling.type')
    ? metadata.text('llama.rope.scaling.type')
    : metadata.has('llama.rope.scale_linear')
      ? 'linear'
      : 'none';
  if (type !== 'none' && type !== 'linear') {
    throw new AppError(
      'GGUF_METADATA_INVALID',
      `${metadata.where} must say llama.rope.scaling.type as "none" or "linear". Got ${JSON.stringify(type)} instead: use the model's safetensors.`,
      { details: { where: metadata.where, key: 'llama.rope.scaling.type' } },
    );
  }
  const key = metadata.has('llama.rope.scaling.factor')
    ? 'llama.rope.scaling.factor'
    : 'llama.rope.scale_linear';
  const factor = type === 'linear' ? metadata.number(key) : 1;
  if (factors === undefined) return factor === 1 ? {} : { rope_scaling: { rope_type: 'linear', factor } };
  const list = Array.from(factors, (each) => each * factor);
  if (list.length !== width / 2)
    throw new AppError(
      'GGUF_METADATA_INVALID',
      `${metadata.where} must have ${width / 2} numbers in ${ropeFactors}, one for each frequency. Got ${list.length} instead: use another file of the model.`,
      { details: { where: metadata.where } },
    );
  return {
    rope_scaling: {
      rope_type: 'longrope',
      short_factor: list,
      long_factor: list,
      attention_factor: 1,
      factor: 1,
      original_max_position_embeddings: positions,
    },
  };
}

/** Rejects a file whose metadata requires an unsupported feature. */
function unsupported(metadata: GgufMetadata, key: string, usual: number): void {
  if (!metadata.has(key)) return;
  const value = metadata.number(key);
  if (value === usual) return;
  throw new AppError(
    'GGUF_METADATA_INVALID',
    `${metadata.where} must say ${key} as ${usual}, or not at all. Got ${value} instead: ${key === 'split.count' ? 'merge the parts of the model with llama-gguf-split --merge' : 'this kind of model is not supported'}.`,
    { details: { where: metadata.where, key } },
  );
}
