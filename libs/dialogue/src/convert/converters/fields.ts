import type { ExportConverter } from '../export-converter.ts';
import { scalar, valueAt, type FieldMap } from '../field-map.ts';
import { speakerOf, type RawMessage } from '../raw-conversation.ts';

const speakers: Readonly<Record<string, RawMessage['speaker']>> = {
  user: 'user',
  customer: 'user',
  client: 'user',
  human: 'user',
  visitor: 'user',
  contact: 'user',
  requester: 'user',
  end_user: 'user',
  'end-user': 'user',
  guest: 'user',
  caller: 'user',
  // `system` is a prompt only in chat messages; here it is the answering side.
  system: 'system',
  agent: 'system',
  assistant: 'system',
  bot: 'system',
  admin: 'system',
  support: 'system',
  operator: 'system',
  chatbot: 'system',
  ai: 'system',
  staff: 'system',
  representative: 'system',
  note: 'note',
  event: 'event',
  tool: 'event',
};

/** Conversations of any other shape, read by the paths of `--map`. */
export const fields: ExportConverter = {
  title: 'JSON of your own, with --map',
  recognizes: () => false,
  lists: [],
  html: 'detect',
  convert(record, map) {
    const { paths } = map;
    const messages = valueAt(record, paths.messages ?? 'messages');
    if (!Array.isArray(messages)) return undefined;
    const title = paths.title === undefined ? undefined : valueAt(record, paths.title);
    return {
      id: scalar(valueAt(record, paths.id ?? 'id')),
      ...(typeof title === 'string' && { title }),
      messages: messages.map((message: unknown) => readMessage(message, map)),
    };
  },
};

/** Reads one message by the paths of a map. */
export function readMessage(message: unknown, { paths, words }: FieldMap): RawMessage {
  const at = (key: keyof FieldMap['paths'], otherwise: string): unknown =>
    valueAt(message, paths[key] ?? otherwise);
  const text = at('text', 'text');
  return {
    speaker: speakerOf(at('role', 'role'), speakers, words),
    text: typeof text === 'string' ? text : typeof text === 'number' ? String(text) : '',
    id: scalar(at('message-id', 'id')),
    time: scalar(at('time', 'time')),
  };
}
