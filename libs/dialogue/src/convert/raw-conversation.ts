/** The word for a message without a speaker, so that `--map skip=none` can refer to it. */
export const noSpeaker = 'none';

/**
 * The speaker that a word stands for: by `--map` if it contains the word, or else by the converter.
 * @param role the exported word; only text, numbers and booleans count as a speaker
 */
export function speakerOf(
  role: unknown,
  known: Readonly<Record<string, RawMessage['speaker']>>,
  words: ReadonlyMap<string, 'user' | 'system' | 'event'>,
): RawMessage['speaker'] {
  const written =
    typeof role === 'string'
      ? role.trim()
      : typeof role === 'number' || typeof role === 'boolean'
        ? String(role)
        : '';
  const word = written === '' ? noSpeaker : written.toLowerCase();
  return (
    words.get(word) ??
    (Object.hasOwn(known, word) ? (known[word] as RawMessage['speaker']) : { unknown: word })
  );
}

/** A message as a converter reads it: its speaker, and its text as exported. */
export interface RawMessage {
  /** `prompt`, `note` and `event` are dropped. An unrecognized word is returned as `unknown`. */
  readonly speaker: 'user' | 'system' | 'prompt' | 'note' | 'event' | { readonly unknown: string };
  readonly text: string;
  /** As exported; kept as metadata. */
  readonly id?: string | number;
  readonly time?: string | number;
  /** The agent's or bot's name; kept as metadata, to distinguish several agents. */
  readonly author?: string | number;
}

/** A conversation as a converter reads it. */
export interface RawConversation {
  readonly id?: string | number;
  readonly title?: string;
  readonly time?: string | number;
  readonly messages: readonly RawMessage[];
}
