/** The word for a message that names nobody, so that `--map skip=none` can say what it means. */
export const noSpeaker = 'none';

/**
 * Who a word stands for: what `--map` says of it, else what the converter knows.
 * @param role the word as exported; anything but text, numbers and booleans counts as no speaker
 */
export function speakerOf(
  role: unknown,
  known: Readonly<Record<string, RawMessage['speaker']>>,
  words: ReadonlyMap<string, 'user' | 'system' | 'event'>,
): RawMessage['speaker'] {
  const written = typeof role === 'string' ? role.trim() : typeof role === 'number' || typeof role === 'boolean' ? String(role) : '';
  const word = written === '' ? noSpeaker : written.toLowerCase();
  return words.get(word) ?? (Object.hasOwn(known, word) ? (known[word] as RawMessage['speaker']) : { unknown: word });
}

/** What a converter reads of one message: who or what wrote it, and its text as exported. */
export interface RawMessage {
  /** `prompt`, `note` and `event` are left out; a word that the converter does not know comes as `unknown`. */
  readonly speaker: 'user' | 'system' | 'prompt' | 'note' | 'event' | { readonly unknown: string };
  readonly text: string;
  /** As exported; kept as metadata. */
  readonly id?: string | number;
  readonly time?: string | number;
  /** Of an agent or bot; kept as metadata, so that several agents can be told apart. */
  readonly author?: string | number;
}

/** What a converter reads of one conversation. */
export interface RawConversation {
  readonly id?: string | number;
  readonly title?: string;
  readonly time?: string | number;
  readonly messages: readonly RawMessage[];
}
