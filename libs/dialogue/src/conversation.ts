import type { DialogueTag } from './dialogue-tag.ts';

/** Who speaks: the user, or the person or system that answers. */
export type Role = 'user' | 'system';

/** The splits of a corpus, in reporting order. */
export const splitNames = ['train', 'valid', 'test'] as const;
/** The name of a split. */
export type SplitName = (typeof splitNames)[number];

/** One message of a conversation. */
export interface Utterance {
  readonly role: Role;
  readonly text: string;
  /** The utterance's dialogue acts; absent in corpora without annotation. */
  readonly tags?: readonly DialogueTag[];
  /** A direct label, which overrides the tags: whether the system takes the initiative here. */
  readonly initiative?: boolean;
  /** The source of the direct label: `rule:NAME` is weak, `person` is not. Absent if unknown. */
  readonly labelSource?: string;
  /** Metadata of an export: ids, times, authors. Readers drop it. */
  readonly meta?: Readonly<Record<string, string | number>>;
}

/** The words that a conversation uses for the answering side: `system`, `agent` (or `assistant`), or both. */
export type AgentWords = 'system' | 'agent' | 'both';

/** The position of a conversation in its corpus, for messages. */
export interface SourcePosition {
  readonly file: string;
  /** 1-based line of the conversation's first character. */
  readonly line: number;
}

/** A conversation between a user and a system. */
export interface Conversation {
  /** Unique in its corpus. */
  readonly id: string;
  readonly split?: SplitName;
  readonly title?: string;
  readonly utterances: readonly Utterance[];
  readonly source?: SourcePosition;
  /** Metadata of an export. Readers drop it. */
  readonly meta?: Readonly<Record<string, string | number>>;
  /** Number of system prompts that the reader dropped; absent if none. */
  readonly prompts?: number;
  /** Absent if only the user speaks. */
  readonly agentWords?: AgentWords;
}
