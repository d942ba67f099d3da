import type { ExportConverter } from '../export-converter.ts';
import { scalar } from '../field-map.ts';
import { speakerOf, type RawMessage } from '../raw-conversation.ts';

const speakers: Readonly<Record<string, RawMessage['speaker']>> = {
  user: 'user',
  lead: 'user',
  contact: 'user',
  visitor: 'user',
  admin: 'system',
  bot: 'system',
  team: 'system',
  operator: 'system',
};

interface Part {
  readonly id?: unknown;
  readonly part_type?: unknown;
  readonly body?: unknown;
  readonly created_at?: unknown;
  readonly author?: { readonly type?: unknown; readonly id?: unknown } | null;
}

/**
 * Conversations of Intercom's REST API: the first message is `source`, the others are `conversation_parts`.
 * Bodies are HTML.
 */
export const intercom: ExportConverter = {
  title: 'Intercom conversations',
  recognizes: ({ text }) =>
    /"conversation_parts"\s*:/.test(text) ||
    (/"type"\s*:\s*"conversation(\.list)?"/.test(text) && /"source"\s*:/.test(text)),
  lists: ['conversations', 'data', 'items'],
  html: 'always',
  convert(record, { words }) {
    if (typeof record !== 'object' || record === null) return undefined;
    const {
      id,
      title,
      created_at: time,
      source,
      conversation_parts: parts,
    } = record as Record<string, unknown>;
    if (source === undefined && parts === undefined) return undefined;
    const list = Array.isArray(parts)
      ? parts
      : (parts as { conversation_parts?: unknown } | null | undefined)?.conversation_parts;
    const opening =
      typeof source === 'object' && source !== null ? [read({ created_at: time, ...source }, words)] : [];
    return {
      id: scalar(id),
      time: scalar(time),
      ...(typeof title === 'string' && { title }),
      messages: [
        ...opening,
        ...(Array.isArray(list) ? list : []).map((part: Part | null) => read(part ?? {}, words)),
      ],
    };
  },
};

function read(
  { id, part_type: kind, body, created_at: time, author }: Part,
  words: ReadonlyMap<string, 'user' | 'system' | 'event'>,
): RawMessage {
  const text = typeof body === 'string' ? body : '';
  const about = { text, id: scalar(id), time: scalar(time), author: scalar(author?.id) };
  if (typeof kind === 'string' && kind.startsWith('note')) return { ...about, speaker: 'note' };
  // Assignments, closings and similar parts usually have no body. A part with a body was written to the user.
  if (text === '' && kind !== undefined && kind !== 'comment') return { ...about, speaker: 'event' };
  return {
    ...about,
    speaker: speakerOf(author?.type, speakers, words),
  };
}
