import type { ExportConverter } from '../export-converter.ts';
import { scalar } from '../field-map.ts';
import { speakerOf, type RawConversation, type RawMessage } from '../raw-conversation.ts';

const speakers: Readonly<Record<string, RawMessage['speaker']>> = {
  user: 'user',
  human: 'user',
  assistant: 'system',
  ai: 'system',
  bot: 'system',
  agent: 'system',
  model: 'system',
  system: 'prompt',
  developer: 'prompt',
  tool: 'event',
  function: 'event',
};

interface ChatMessage {
  readonly role?: unknown;
  readonly author?: { readonly role?: unknown };
  readonly content?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly created_at?: unknown;
  readonly create_time?: unknown;
}

/**
 * Chat completions and fine-tuning files (`messages` with `role` and `content`), and conversations.json of a
 * ChatGPT export (`mapping`).
 */
export const openai: ExportConverter = {
  title: 'OpenAI chat messages',
  recognizes: ({ text }) =>
    ((/"messages"\s*:\s*\[/.test(text) || /^\s*\[\s*\[\s*\{/.test(text)) &&
      /"role"\s*:/.test(text) &&
      /"content"\s*:/.test(text)) ||
    (/"mapping"\s*:\s*\{/.test(text) && /"author"\s*:/.test(text)),
  lists: ['data', 'conversations', 'items'],
  html: 'never',
  convert(record, { words }) {
    const messages = Array.isArray(record) ? record : listOf(record);
    if (messages === undefined) return undefined;
    const {
      id,
      _id: stored,
      conversation_id: conversation,
      title,
      created_at: created,
      create_time: createTime,
    } = record as Record<string, unknown>;
    return {
      id: idOf(id) ?? idOf(conversation) ?? idOf(stored),
      ...(typeof title === 'string' && { title }),
      time: scalar(created) ?? scalar(createTime),
      messages: messages.map((message: ChatMessage) => read(message ?? {}, words)),
    } satisfies RawConversation;
  },
};

/** Document databases export ids as `{"$oid": "…"}`. */
function idOf(value: unknown): string | number | undefined {
  return scalar(value) ?? scalar((value as { readonly $oid?: unknown } | null | undefined)?.$oid);
}

function listOf(record: unknown): unknown[] | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { messages, mapping, current_node: last } = record as Record<string, unknown>;
  if (Array.isArray(messages)) return messages;
  return typeof mapping === 'object' && mapping !== null
    ? branch(mapping as Record<string, MappingNode>, last)
    : undefined;
}

interface MappingNode {
  readonly message?: ChatMessage | null;
  readonly parent?: string | null;
}

/** Edited answers create other branches. The branch that ends in the current node is used. */
function branch(mapping: Readonly<Record<string, MappingNode>>, last: unknown): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const seen = new Set<string>();
  let at = typeof last === 'string' ? last : Object.keys(mapping).at(-1);
  while (at !== undefined && at !== null && !seen.has(at) && Object.hasOwn(mapping, at)) {
    seen.add(at);
    const node = mapping[at] as MappingNode;
    if (node.message) messages.unshift(node.message);
    at = node.parent ?? undefined;
  }
  return messages;
}

function read(message: ChatMessage, words: ReadonlyMap<string, 'user' | 'system' | 'event'>): RawMessage {
  return {
    speaker: speakerOf(message.role ?? message.author?.role, speakers, words),
    text: textOf(message.content),
    id: scalar(message.id),
    time: scalar(message.created_at) ?? scalar(message.create_time),
    author: scalar(message.name),
  };
}

/**
 * The text of a content: a string, an object with `text`, the text parts of a list, or the `parts` of a
 * ChatGPT export.
 */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (typeof content === 'number') return String(content);
  const { parts: listed, text } = (content ?? {}) as { parts?: unknown; text?: unknown };
  if (typeof text === 'string') return text;
  const parts = Array.isArray(content) ? content : (listed ?? []);
  if (!Array.isArray(parts)) return '';
  return parts
    .map((part: unknown) =>
      typeof part === 'string' ? part : ((part as { text?: unknown } | null)?.text ?? ''),
    )
    .filter((text): text is string => typeof text === 'string' && text !== '')
    .join('\n');
}
