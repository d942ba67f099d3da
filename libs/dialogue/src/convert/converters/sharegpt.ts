import type { ExportConverter } from '../export-converter.ts';
import { scalar } from '../field-map.ts';
import { speakerOf, type RawMessage } from '../raw-conversation.ts';

const speakers: Readonly<Record<string, RawMessage['speaker']>> = {
  human: 'user',
  user: 'user',
  gpt: 'system',
  assistant: 'system',
  chatgpt: 'system',
  bing: 'system',
  bard: 'system',
  model: 'system',
  system: 'prompt',
  tool: 'event',
  function_call: 'event',
  observation: 'event',
};

/** ShareGPT: `conversations` with `from` and `value`. */
export const sharegpt: ExportConverter = {
  title: 'ShareGPT',
  recognizes: ({ text }) =>
    /"conversations?"\s*:\s*\[/.test(text) && /"from"\s*:/.test(text) && /"value"\s*:/.test(text),
  lists: ['data', 'items'],
  html: 'never',
  convert(record, { words }) {
    if (typeof record !== 'object' || record === null) return undefined;
    const { id, title, conversations, conversation } = record as Record<string, unknown>;
    const messages = Array.isArray(conversations) ? conversations : conversation;
    if (!Array.isArray(messages)) return undefined;
    return {
      id: scalar(id),
      ...(typeof title === 'string' && { title }),
      messages: messages.map((message: { readonly from?: unknown; readonly value?: unknown } | null) => {
        return {
          speaker: speakerOf(message?.from, speakers, words),
          text: String(scalar(message?.value) ?? ''),
        };
      }),
    };
  },
};
