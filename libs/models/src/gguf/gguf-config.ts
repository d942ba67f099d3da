import { AppError, type JsonValue } from '@overture/core';
import type { Gguf, GgufValue } from '@overture/tensors';

/** A typed look at a file's metadata. */
export interface GgufMetadata {
  readonly where: string;
  has(key: string): boolean;
  number(key: string): number;
  text(key: string): string;
  /** undefined where the file does not say it. */
  flag(key: string): boolean | undefined;
  /** A list of strings or numbers; wrong elements are refused. */
  list<K extends 'string' | 'number'>(key: string, kind: K): readonly (K extends 'string' ? string : number)[];
}

/** @throws AppError `GGUF_METADATA_INVALID`, by its methods, naming the key */
export function ggufMetadata({ metadata }: Gguf, where: string): GgufMetadata {
  const expect = (key: string, kind: string, fits: (value: GgufValue | undefined) => boolean): GgufValue => {
    const value = metadata.get(key);
    if (value !== undefined && fits(value)) return value;
    throw new AppError('GGUF_METADATA_INVALID', `${where} must say ${key} as a ${kind}. Got ${value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80)} instead: use another file of the model.`, { details: { where, key } });
  };
  return {
    where,
    has: (key) => metadata.has(key),
    number: (key) => expect(key, 'number', (value) => typeof value === 'number') as number,
    text: (key) => expect(key, 'string', (value) => typeof value === 'string') as string,
    flag: (key) => (metadata.has(key) ? (expect(key, 'truth value', (value) => typeof value === 'boolean') as boolean) : undefined),
    list: (key, kind) => expect(key, `list of ${kind}s`, (value) => Array.isArray(value) && value.every((item) => typeof item === kind)) as never, // checked just here
  };
}

/**
 * A Hugging Face `config.json` out of a GGUF file of a Llama-type model.
 * @throws AppError `GGUF_ARCHITECTURE_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufConfigJson(gguf: Gguf, where: string): Record<string, JsonValue> {
  const metadata = ggufMetadata(gguf, where);
  const architecture = metadata.text('general.architecture');
  if (architecture !== 'llama') {
    throw new AppError('GGUF_ARCHITECTURE_UNKNOWN', `${where} must hold a model of the architecture "llama". Got ${JSON.stringify(architecture)} instead: choose another model, or its safetensors.`, { details: { where, architecture } });
  }
  const number = (key: string, otherwise?: number): number => (otherwise !== undefined && !metadata.has(key) ? otherwise : metadata.number(key));
  const heads = number('llama.attention.head_count');
  const hidden = number('llama.embedding_length');
  const token = (name: string): Record<string, number> => (metadata.has(`tokenizer.ggml.${name}`) ? { [name === 'padding_token_id' ? 'pad_token_id' : name]: number(`tokenizer.ggml.${name}`) } : {});
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: gguf.tensors.get('token_embd.weight')?.shape[0] ?? metadata.list('tokenizer.ggml.tokens', 'string').length,
    hidden_size: hidden,
    num_hidden_layers: number('llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: number('llama.attention.head_count_kv', heads),
    head_dim: number('llama.attention.key_length', hidden / heads),
    intermediate_size: number('llama.feed_forward_length'),
    max_position_embeddings: number('llama.context_length'),
    // the file keeps float32; the config that it was made of said fewer digits
    rms_norm_eps: Number(number('llama.attention.layer_norm_rms_epsilon').toPrecision(7)),
    rope_theta: number('llama.rope.freq_base', 10_000),
    hidden_act: 'silu',
    tie_word_embeddings: !gguf.tensors.has('output.weight'),
    ...token('bos_token_id'),
    ...token('eos_token_id'),
    ...token('padding_token_id'),
  };
}
