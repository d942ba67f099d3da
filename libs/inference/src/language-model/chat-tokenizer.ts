import { readFile } from 'node:fs/promises';
import { AppError } from '@overture/core';
import { parseNetwork, type BaseModel, type Network } from '@overture/models';
import { loadTokenizer, openChatFormat, type ChatFormat, type Tokenizer } from '@overture/tokenization';

/**
 * A language model's tokenizer and chat format without its weights: enough to build prompts, and to reject a
 * model before reading large files.
 */
export interface ChatTokenizer {
  readonly tokenizer: Tokenizer;
  readonly network: Network;
  /** Maximum sequence length in tokens. */
  readonly context: number;
  /** The tokens that end a text, from config.json. */
  readonly endTokens: readonly number[];
  /**
   * Opens the chat format.
   * @throws AppError `CHAT_TEMPLATE_MISSING`, `CHAT_TEMPLATE_INVALID`
   */
  chat(): ChatFormat;
}

/**
 * Opens the tokenizer and the configuration of a language model.
 * @throws AppError `LANGUAGE_MODEL_UNFIT`, `MODEL_CONFIG_INVALID`, `TOKENIZER_INVALID`
 */
export async function openChatTokenizer({
  name,
  files,
  chat,
}: Pick<BaseModel, 'name' | 'files' | 'chat'>): Promise<ChatTokenizer> {
  const read = async (path: string | undefined): Promise<string | undefined> =>
    path === undefined ? undefined : readFile(path, 'utf8');
  const [config, tokenizerJson, chatConfig, template] = await Promise.all([
    readFile(files.config, 'utf8'),
    readFile(files.tokenizer),
    read(chat.config),
    read(chat.template),
  ]);
  const network = parseNetwork(config, files.config);
  if (network.head.causal === undefined) {
    throw new AppError(
      'LANGUAGE_MODEL_UNFIT',
      `${files.config} must describe a model that predicts the next token, such as a Llama-type one. Got a ${network.family}: choose another base model.`,
      { details: { config: files.config, family: network.family } },
    );
  }
  const tokenizer = loadTokenizer(tokenizerJson, {
    config: chatConfig === undefined ? undefined : new TextEncoder().encode(chatConfig),
    where: files.tokenizer,
  });
  return {
    tokenizer,
    network,
    context: network.size.maxPositions,
    endTokens: endTokensOf(config),
    chat: () => openChatFormat(tokenizer, { config: chatConfig, template, where: `The model ${name}` }),
  };
}

/** Hugging Face's config.json names one or several. */
function endTokensOf(config: string): readonly number[] {
  const { eos_token_id: ids } = JSON.parse(config) as {
    readonly eos_token_id?: number | readonly number[] | null;
  };
  return ids == null ? [] : [ids].flat();
}
