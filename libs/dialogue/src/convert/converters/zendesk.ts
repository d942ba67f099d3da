import type { ExportConverter } from '../export-converter.ts';
import { scalar } from '../field-map.ts';
import { plainTextOfHtml } from '../plain-text.ts';
import { noSpeaker, speakerOf, type RawConversation, type RawMessage } from '../raw-conversation.ts';

interface Comment {
  readonly id?: unknown;
  readonly author_id?: unknown;
  readonly plain_body?: unknown;
  readonly body?: unknown;
  readonly html_body?: unknown;
  readonly public?: unknown;
  readonly created_at?: unknown;
}

interface ChatEvent {
  readonly type?: unknown;
  readonly msg?: unknown;
  readonly timestamp?: unknown;
  readonly sender_type?: unknown;
  readonly name?: unknown;
}

const chatSpeakers: Readonly<Record<string, RawMessage['speaker']>> = {
  visitor: 'user',
  agent: 'system',
  trigger: 'system',
  bot: 'system',
};

type Words = ReadonlyMap<string, 'user' | 'system' | 'event'>;

/**
 * Zendesk tickets with their comments, and chats with their history. The requester is the user, everyone else
 * is the system. Private comments are notes.
 */
export const zendesk: ExportConverter = {
  title: 'Zendesk tickets or chats',
  recognizes: ({ text }) =>
    (/"comments"\s*:\s*\[/.test(text) && /"(author_id|requester_id)"\s*:/.test(text)) ||
    (/"history"\s*:\s*\[/.test(text) && /"chat\.(msg|memberjoin)"/.test(text)),
  lists: ['tickets', 'chats', 'results', 'data'],
  html: 'never',
  convert(record, { words }) {
    if (typeof record !== 'object' || record === null) return undefined;
    const { comments, history } = record as Record<string, unknown>;
    if (Array.isArray(comments))
      return ticket(record as Record<string, unknown>, comments as readonly (Comment | null)[], words);
    return Array.isArray(history)
      ? chat(record as Record<string, unknown>, history as readonly (ChatEvent | null)[], words)
      : undefined;
  },
};

function ticket(
  { id, subject, created_at: time, requester_id: requesterId, requester }: Record<string, unknown>,
  comments: readonly (Comment | null)[],
  words: Words,
): RawConversation {
  const asker =
    scalar(requesterId) ??
    scalar((requester as { id?: unknown } | undefined)?.id) ??
    scalar(comments[0]?.author_id);
  return {
    id: scalar(id),
    time: scalar(time),
    ...(typeof subject === 'string' && { title: subject }),
    messages: comments.map((comment): RawMessage => {
      const author = scalar(comment?.author_id);
      const asks = author !== undefined && String(author) === String(asker);
      return {
        speaker:
          comment?.public === false
            ? 'note'
            : asks
              ? 'user'
              : author === undefined
                ? speakerOf(noSpeaker, {}, words)
                : 'system',
        text: bodyOf(comment ?? {}),
        id: scalar(comment?.id),
        time: scalar(comment?.created_at),
        ...(!asks && { author }),
      };
    }),
  };
}

/** `body` is plain text with a little Markdown. Old comments have only `html_body`. */
function bodyOf({ plain_body: plain, body, html_body: html }: Comment): string {
  if (typeof body === 'string') return body;
  if (typeof html === 'string') return plainTextOfHtml(html);
  return typeof plain === 'string' ? plainTextOfHtml(plain) : '';
}

function chat(
  { id, timestamp }: Record<string, unknown>,
  history: readonly (ChatEvent | null)[],
  words: Words,
): RawConversation {
  return {
    id: scalar(id),
    time: scalar(timestamp),
    messages: history.map((event): RawMessage => {
      const about = { text: typeof event?.msg === 'string' ? event.msg : '', time: scalar(event?.timestamp) };
      if (event?.type !== 'chat.msg') return { ...about, speaker: 'event' };
      const speaker = speakerOf(event.sender_type, chatSpeakers, words);
      return {
        ...about,
        author: speaker === 'user' ? undefined : scalar(event.name),
        speaker,
      };
    }),
  };
}
