import { loadTokenizer } from '@overture/tokenization';

interface Vocabulary {
  readonly model: {
    readonly type?: string;
    readonly unk_token?: string;
    readonly vocab: Readonly<Record<string, number>>;
  };
  readonly added_tokens?: readonly { readonly id: number; readonly content: string }[];
}

/**
 * A tokenizer_config.json for a tokenizer.json, with the settings that transformers.js needs to frame, pad
 * and truncate.
 */
export function tokenizerConfigJson(
  tokenizer: Uint8Array,
  maxLength: number,
): Record<string, string | number | boolean | undefined> {
  const { model, added_tokens: added = [] } = JSON.parse(new TextDecoder().decode(tokenizer)) as Vocabulary;
  const { prefix, suffix, padId } = loadTokenizer(tokenizer);
  const tokenOf = (id: number | undefined): string | undefined =>
    added.find((token) => token.id === id)?.content ??
    Object.entries(model.vocab).find(([, known]) => known === id)?.[0];
  return {
    tokenizer_class:
      model.type === undefined || model.type === 'WordPiece' ? 'BertTokenizer' : 'PreTrainedTokenizer',
    model_max_length: maxLength,
    pad_token: tokenOf(padId),
    unk_token: model.unk_token,
    cls_token: tokenOf(prefix[0]),
    sep_token: tokenOf(suffix[0]),
    mask_token: added.some(({ content }) => content === '[MASK]') ? '[MASK]' : undefined,
  };
}
