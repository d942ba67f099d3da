import { Template } from '@huggingface/jinja';
import { AppError } from '@overture/core';
import type { Tokenizer } from './tokenizer.ts';

/** One message of a chat. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Options for rendering a chat. */
export interface RenderChatOptions {
  /** Whether to append the start of the assistant's next turn. Default true. */
  readonly answerNext?: boolean;
}

/** The prompt format of a chat model. */
export interface ChatFormat {
  /**
   * The chat as the model's own template renders it.
   * @throws AppError `CHAT_TEMPLATE_INVALID` if the template rejects these messages
   */
  render(messages: readonly ChatMessage[], options?: RenderChatOptions): string;
  /**
   * The chat's token ids. Special tokens come only from the template: one that is spelled in a message is
   * broken by a space ("< |im_end|>").
   */
  encode(messages: readonly ChatMessage[], options?: RenderChatOptions): number[];
}

/** The files that define a chat format. */
export interface ChatFormatFiles {
  /**
   * The text of tokenizer_config.json: `chat_template`, and the special tokens that templates use by name.
   */
  readonly config?: string;
  /** The text of chat_template.jinja, which newer models use instead. */
  readonly template?: string;
  /** The model's name, for messages. */
  readonly where: string;
}

/** Special tokens that a template may use. */
const tokenNames = ['bos_token', 'eos_token', 'pad_token', 'unk_token'] as const;

/**
 * Opens the chat format of a model.
 * @throws AppError `CHAT_TEMPLATE_MISSING`, `CHAT_TEMPLATE_INVALID`
 */
export function openChatFormat(
  tokenizer: Tokenizer,
  { config = '{}', template: text, where }: ChatFormatFiles,
): ChatFormat {
  const members = parseConfig(config, where);
  const source = text ?? defaultTemplate(members['chat_template']);
  if (source === undefined) {
    throw new AppError(
      'CHAT_TEMPLATE_MISSING',
      `${where} must have a chat template (chat_template in its tokenizer_config.json, a chat_template.jinja, or tokenizer.chat_template in a GGUF file) to be asked in chats. It has none: choose a model that was tuned on instructions, or give plain text as prompt.`,
      { details: { where } },
    );
  }
  const template = guarded(where, () => new Template(source));
  const named = Object.fromEntries(tokenNames.map((name) => [name, contentOf(members[name])]));
  const render = (messages: readonly ChatMessage[], { answerNext = true }: RenderChatOptions = {}): string =>
    guarded(where, () =>
      template.render({
        ...named,
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: answerNext,
      }),
    );
  return {
    render,
    encode(messages, options) {
      const plain = messages.map(({ role, content }) => ({ role, content: tokenizer.plainText(content) }));
      return tokenizer.encode(render(plain, options), { markup: true });
    },
  };
}

/** The template, or the default one of several named templates. */
function defaultTemplate(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value as readonly { readonly name?: unknown; readonly template?: unknown }[];
  const found = named.find((entry) => entry?.name === 'default')?.template;
  return typeof found === 'string' ? found : undefined;
}

function contentOf(token: unknown): string {
  if (typeof token === 'string') return token;
  return typeof token === 'object' && token !== null && 'content' in token ? String(token.content) : '';
}

function parseConfig(text: string, where: string): Record<string, unknown> {
  const value = guarded(where, () => JSON.parse(text) as unknown);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function guarded<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw new AppError(
      'CHAT_TEMPLATE_INVALID',
      `The chat template of ${where} must be Jinja that accepts these messages. It says: ${(cause as Error).message}. Use another base model, or other roles.`,
      { details: { where }, cause },
    );
  }
}
