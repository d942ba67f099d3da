import type { JsonValue } from '@overture/core';
import type { Gguf } from '@overture/tensors';
import { ggufMetadata } from './gguf-config.ts';

const tokens = {
  bos_token: 'bos_token_id',
  eos_token: 'eos_token_id',
  unk_token: 'unknown_token_id',
  pad_token: 'padding_token_id',
} as const;

/**
 * Creates a Hugging Face `tokenizer_config.json` from a GGUF file's metadata: the special tokens and, if the
 * file has one, the chat template.
 * @throws AppError `GGUF_METADATA_INVALID`
 */
export function ggufTokenizerConfigJson(
  gguf: Pick<Gguf, 'metadata'>,
  where: string,
): Record<string, JsonValue> {
  const metadata = ggufMetadata(gguf, where);
  const vocabulary = metadata.list('tokenizer.ggml.tokens', 'string');
  const named = Object.entries(tokens).flatMap(([name, key]) => {
    const token = metadata.has(`tokenizer.ggml.${key}`)
      ? vocabulary[metadata.number(`tokenizer.ggml.${key}`)]
      : undefined;
    return token === undefined ? [] : [[name, token] as const];
  });
  return {
    ...Object.fromEntries(named),
    clean_up_tokenization_spaces: false,
    ...(metadata.has('llama.context_length')
      ? { model_max_length: metadata.number('llama.context_length') }
      : {}),
    ...(metadata.has('tokenizer.chat_template')
      ? { chat_template: metadata.text('tokenizer.chat_template') }
      : {}),
  };
}
