import type { DialogueTag } from './dialogue-tag.ts';

/** Who speaks: the person with the problem, or whoever (or whatever) answers. */
export type Role = 'user' | 'system';

/** The parts of a corpus, in the order in which they are reported. */
export const splitNames = ['train', 'valid', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

export interface Utterance {
  readonly role: Role;
  readonly text: string;
  /** What the utterance does; absent in corpora without annotation. */
  readonly tags?: readonly DialogueTag[];
  /** A direct label, which wins over the tags: does the system take the initiative here? */
  readonly initiative?: boolean;
  /** Who or what gave the direct label: `rule:NAME` is weak, `person` is not; absent where nobody says. */
  readonly labelSource?: string;
  /** What an export says of it: ids, times, authors. Readers drop it. */
  readonly meta?: Readonly<Record<string, string | number>>;
}

/** Which words a conversation uses for whoever answers the user: `system`, `agent` (or `assistant`), or both. */
export type AgentWords = 'system' | 'agent' | 'both';

/** Where a conversation is in its corpus, for messages. */
export interface SourcePosition {
  readonly file: string;
  /** 1-based line of the conversation's first character. */
  readonly line: number;
}

export interface Conversation {
  /** Unique in its corpus. */
  readonly id: string;
  readonly split?: SplitName;
  readonly title?: string;
  readonly utterances: readonly Utterance[];
  readonly source?: SourcePosition;
  /** What an export says of it. Readers drop it. */
  readonly meta?: Readonly<Record<string, string | number>>;
  /** How many system prompts the reader left out; absent for none. */
  readonly prompts?: number;
  /** Absent when nobody but the user speaks. */
  readonly agentWords?: AgentWords;
}
