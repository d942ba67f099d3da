import { AppError, type JsonValue } from '@overture/core';
import type { Gguf } from '@overture/tensors';
import { byteLevelTokenizerJson, bytesOnly } from '../byte-level-tokenizer.ts';
import { ggufMetadata, type GgufMetadata } from './gguf-config.ts';
import { preTokenizers } from './pre-tokenizers.ts';

const [controlToken, userToken] = [3, 4]; // llama_token_type

/**
 * A Hugging Face `tokenizer.json` out of a GGUF file's metadata: byte-level BPE with its merges.
 * @throws AppError `GGUF_TOKENIZER_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufTokenizerJson(gguf: Pick<Gguf, 'metadata'>, where: string): Record<string, JsonValue> {
  const metadata = ggufMetadata(gguf, where);
  known(metadata, 'tokenizer.ggml.model', ['gpt2']);
  const pre = known(metadata, 'tokenizer.ggml.pre', Object.keys(preTokenizers));
  const tokens = metadata.list('tokenizer.ggml.tokens', 'string');
  const types = metadata.has('tokenizer.ggml.token_type') ? metadata.list('tokenizer.ggml.token_type', 'number') : [];
  const paddingId = metadata.has('tokenizer.ggml.padding_token_id') ? metadata.number('tokenizer.ggml.padding_token_id') : undefined;
  if (paddingId !== undefined) tokenAt(tokens, paddingId, metadata); // refuses what is none
  return byteLevelTokenizerJson({
    ...preTokenizers[pre], tokens, paddingId,
    added: tokens.flatMap((_, id) => (types[id] === controlToken || types[id] === userToken ? [{ id, special: types[id] === controlToken }] : [])),
    postProcessor: postProcessor(tokens, metadata),
    merges: metadata.list('tokenizer.ggml.merges', 'string').map((merge) => mergeOf(merge, metadata)),
  });
}

/** Two pieces with a space between them; neither is empty. */
function mergeOf(merge: string, metadata: GgufMetadata): [string, string] {
  const at = merge.indexOf(' ', 1);
  if (at > 0 && at < merge.length - 1) return [merge.slice(0, at), merge.slice(at + 1)];
  throw new AppError('GGUF_METADATA_INVALID', `${metadata.where} must say tokenizer.ggml.merges as pairs with a space between. Got ${JSON.stringify(merge.slice(0, 80))} instead.`, { details: { where: metadata.where } });
}

function postProcessor(tokens: readonly string[], metadata: GgufMetadata): JsonValue {
  if (!metadata.has('tokenizer.ggml.bos_token_id') || !addsFirst(metadata)) return bytesOnly;
  const id = metadata.number('tokenizer.ggml.bos_token_id');
  const token = tokenAt(tokens, id, metadata);
  const text = (which: string, type: number): JsonValue => ({ Sequence: { id: which, type_id: type } });
  const first = (type: number): JsonValue => ({ SpecialToken: { id: token, type_id: type } });
  return {
    type: 'Sequence',
    processors: [bytesOnly, { type: 'TemplateProcessing', single: [first(0), text('A', 0)], pair: [first(0), text('A', 0), first(1), text('B', 1)], special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } } }],
  };
}

/** llama.cpp puts the first token there for Llama 3 unless the file says otherwise, and for others if the file says so. */
function addsFirst(metadata: GgufMetadata): boolean {
  return metadata.flag('tokenizer.ggml.add_bos_token') ?? metadata.text('tokenizer.ggml.pre') === 'llama-bpe';
}

function tokenAt(tokens: readonly string[], id: number, { where }: GgufMetadata): string {
  const token = tokens[id];
  if (token !== undefined) return token;
  throw new AppError('GGUF_METADATA_INVALID', `${where} must name special tokens among its ${tokens.length} tokens. Got ${id} instead.`, { details: { where } });
}

function known(metadata: GgufMetadata, key: string, choices: readonly string[]): string {
  const value = metadata.text(key);
  if (choices.includes(value)) return value;
  throw new AppError('GGUF_TOKENIZER_UNKNOWN', `${metadata.where} must say ${key} as one of ${choices.join(', ')}. Got ${JSON.stringify(value.slice(0, 80))} instead: use the model's safetensors with its tokenizer.json.`, { details: { where: metadata.where, key } });
}
