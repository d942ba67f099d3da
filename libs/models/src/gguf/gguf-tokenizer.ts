import { AppError, type JsonValue } from '@overture/core';
import type { Gguf } from '@overture/tensors';
import { byteLevelTokenizerJson, bytesOnly } from '../byte-level-tokenizer.ts';
import { ggufMetadata, type GgufMetadata } from './gguf-config.ts';
import { preTokenizers } from './pre-tokenizers.ts';
import { sentencePieceTokenizerJson } from './sentence-piece-tokenizer.ts';

const [unknownToken, controlToken, userToken] = [2, 3, 4]; // llama_token_type

/**
 * Creates a Hugging Face `tokenizer.json` from a GGUF file's metadata: byte-level BPE or SentencePiece BPE.
 * @throws AppError `GGUF_TOKENIZER_UNKNOWN`, `GGUF_METADATA_INVALID`
 */
export function ggufTokenizerJson(gguf: Pick<Gguf, 'metadata'>, where: string): Record<string, JsonValue> {
  const metadata = ggufMetadata(gguf, where);
  if (known(metadata, 'tokenizer.ggml.model', ['gpt2', 'llama']) === 'llama') return sentencePieces(metadata);
  const pre = known(metadata, 'tokenizer.ggml.pre', Object.keys(preTokenizers));
  const tokens = metadata.list('tokenizer.ggml.tokens', 'string');
  const types = metadata.has('tokenizer.ggml.token_type')
    ? metadata.list('tokenizer.ggml.token_type', 'number')
    : [];
  const paddingId = metadata.has('tokenizer.ggml.padding_token_id')
    ? metadata.number('tokenizer.ggml.padding_token_id')
    : undefined;
  if (paddingId !== undefined) tokenAt(tokens, paddingId, metadata); // rejects an id outside the vocabulary
  return byteLevelTokenizerJson({
    ...preTokenizers[pre],
    tokens,
    paddingId,
    added: tokens.flatMap((_, id) =>
      types[id] === controlToken || types[id] === userToken
        ? [{ id, special: types[id] === controlToken }]
        : [],
    ),
    postProcessor: postProcessor(tokens, metadata),
    merges: metadata.list('tokenizer.ggml.merges', 'string').map((merge) => mergeOf(merge, metadata)),
  });
}

/** Models up to Llama 2: tokens with scores, and byte tokens for characters outside the vocabulary. */
function sentencePieces(metadata: GgufMetadata): Record<string, JsonValue> {
  const tokens = metadata.list('tokenizer.ggml.tokens', 'string');
  const scores = metadata.list('tokenizer.ggml.scores', 'number');
  const types = metadata.list('tokenizer.ggml.token_type', 'number');
  if (scores.length !== tokens.length || types.length !== tokens.length) {
    throw new AppError(
      'GGUF_METADATA_INVALID',
      `${metadata.where} must say a score and a type for each of its ${tokens.length} tokens. Got ${scores.length} and ${types.length} instead: use another file of the model.`,
      { details: { where: metadata.where } },
    );
  }
  const optionalId = (key: string): number | undefined =>
    metadata.has(key) ? metadata.number(key) : undefined;
  const [unknownId = 0, paddingId] = [
    optionalId('tokenizer.ggml.unknown_token_id'),
    optionalId('tokenizer.ggml.padding_token_id'),
  ];
  // rejects an id outside the vocabulary
  for (const id of [unknownId, paddingId]) if (id !== undefined) tokenAt(tokens, id, metadata);
  return sentencePieceTokenizerJson({
    tokens,
    scores,
    unknownId,
    paddingId,
    added: tokens.flatMap((_, id) =>
      types[id] === controlToken || types[id] === userToken || types[id] === unknownToken
        ? [{ id, special: types[id] !== userToken }]
        : [],
    ),
    addSpacePrefix: metadata.flag('tokenizer.ggml.add_space_prefix') ?? true,
    postProcessor: framing(tokens, metadata, {
      first: metadata.flag('tokenizer.ggml.add_bos_token') ?? true,
      last: metadata.flag('tokenizer.ggml.add_eos_token') ?? false,
    }),
  });
}

/** Splits a merge into two nonempty pieces separated by a space. */
function mergeOf(merge: string, metadata: GgufMetadata): [string, string] {
  const at = merge.indexOf(' ', 1);
  if (at > 0 && at < merge.length - 1) return [merge.slice(0, at), merge.slice(at + 1)];
  throw new AppError(
    'GGUF_METADATA_INVALID',
    `${metadata.where} must say tokenizer.ggml.merges as pairs with a space between. Got ${JSON.stringify(merge.slice(0, 80))} instead.`,
    { details: { where: metadata.where } },
  );
}

function postProcessor(tokens: readonly string[], metadata: GgufMetadata): JsonValue {
  const template = framing(tokens, metadata, {
    first: addsFirst(metadata),
    last: metadata.flag('tokenizer.ggml.add_eos_token') ?? false,
  });
  return template === null ? bytesOnly : { type: 'Sequence', processors: [bytesOnly, template] };
}

/** The tokens that llama.cpp adds before and after a text; null if there are none. */
function framing(
  tokens: readonly string[],
  metadata: GgufMetadata,
  { first, last }: { readonly first: boolean; readonly last: boolean },
): JsonValue {
  const named = (
    wanted: boolean,
    key: string,
  ): { readonly id: number; readonly token: string } | undefined => {
    if (!wanted || !metadata.has(key)) return undefined;
    const id = metadata.number(key);
    return { id, token: tokenAt(tokens, id, metadata) };
  };
  const [begin, end] = [
    named(first, 'tokenizer.ggml.bos_token_id'),
    named(last, 'tokenizer.ggml.eos_token_id'),
  ];
  if (begin === undefined && end === undefined) return null;
  const framed = (which: string, type: number): JsonValue[] => [
    ...(begin ? [{ SpecialToken: { id: begin.token, type_id: type } }] : []),
    { Sequence: { id: which, type_id: type } },
    ...(end ? [{ SpecialToken: { id: end.token, type_id: type } }] : []),
  ];
  const special = [begin, end].flatMap((each) =>
    each === undefined
      ? []
      : [[each.token, { id: each.token, ids: [each.id], tokens: [each.token] }] as const],
  );
  return {
    type: 'TemplateProcessing',
    single: framed('A', 0),
    pair: [...framed('A', 0), ...framed('B', 1)],
    special_tokens: Object.fromEntries(special),
  };
}

/**
 * llama.cpp adds the BOS token for Llama 3 unless the file disables it, and for other models only if the file
 * enables it.
 */
function addsFirst(metadata: GgufMetadata): boolean {
  return metadata.flag('tokenizer.ggml.add_bos_token') ?? metadata.text('tokenizer.ggml.pre') === 'llama-bpe';
}

function tokenAt(tokens: readonly string[], id: number, { where }: GgufMetadata): string {
  const token = tokens[id];
  if (token !== undefined) return token;
  throw new AppError(
    'GGUF_METADATA_INVALID',
    `${where} must name special tokens among its ${tokens.length} tokens. Got ${id} instead.`,
    { details: { where } },
  );
}

function known(metadata: GgufMetadata, key: string, choices: readonly string[]): string {
  const value = metadata.text(key);
  if (choices.includes(value)) return value;
  throw new AppError(
    'GGUF_TOKENIZER_UNKNOWN',
    `${metadata.where} must say ${key} as one of ${choices.join(', ')}. Got ${JSON.stringify(value.slice(0, 80))} instead: use the model's safetensors with its tokenizer.json.`,
    { details: { where: metadata.where, key } },
  );
}
