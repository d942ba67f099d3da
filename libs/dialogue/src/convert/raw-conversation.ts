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
