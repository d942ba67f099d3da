import type { SplitName } from '../conversation.ts';
import type { DialogueTag } from '../dialogue-tag.ts';
import type { CorpusFormatName } from '../formats/corpus-formats.ts';
import type { Protocol } from '../protocol.ts';
import type { TagSet } from '../tag-set.ts';
import type { LengthSummary } from './length-tally.ts';

/**
 * A summary of a corpus under a protocol and a tag set. Plain data, for `overture corpus inspect` and for
 * records.
 */
export interface CorpusSummary {
  readonly path: string;
  readonly format: CorpusFormatName;
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
  /** How the splits were decided: see `SplitPlan.kind`. */
  readonly splitBy: 'given' | 'valid-from-train' | 'drawn';
  /** Train, valid, test, as far as they occur. */
  readonly splits: readonly SplitSummary[];
  readonly total: Omit<SplitSummary, 'name'>;
  readonly problems: readonly CorpusProblem[];
}

/** A summary of one split. */
export interface SplitSummary extends ExampleCount {
  readonly name: SplitName;
  readonly conversations: number;
  readonly utterances: number;
  /** Number of examples with each tag on the system turn to predict. */
  readonly systemTags: Readonly<Partial<Record<DialogueTag, number>>>;
  /** Counts by ordinal of the system turn. The last entry also counts all later turns. */
  readonly byTurn: readonly TurnSummary[];
  readonly lengths: {
    /** Utterances per conversation. */
    readonly utterances: LengthSummary;
    /** Words and characters of an example's history, which is the input of a model. */
    readonly historyWords: LengthSummary;
    readonly historyCharacters: LengthSummary;
  };
  /**
   * Number of examples that are probably longer than the default `maxLength` of a training, estimated from
   * their characters.
   */
  readonly probablyTruncated: number;
  /** Number of examples by label source, such as `rule:question` or `person`, if the corpus names it. */
  readonly labelSources: Readonly<Record<string, number>>;
}

/** A number of examples, and how many of them take the initiative. */
export interface ExampleCount {
  readonly examples: number;
  /** Examples in which the system takes the initiative. */
  readonly initiative: number;
  /** `initiative / examples`, from 0 to 1; 0 without examples. */
  readonly initiativeRate: number;
}

/** The counts of one system turn. */
export interface TurnSummary extends ExampleCount {
  /** 0-based. */
  readonly systemTurn: number;
  /** Whether later system turns are counted here too. */
  readonly andLater: boolean;
}

/** A property of a corpus that the user should know before training on it. */
export interface CorpusProblem {
  readonly kind: CorpusProblemKind;
  /** Errors prevent training, warnings need judgment, notes are harmless. */
  readonly severity: 'error' | 'warning' | 'note';
  /** How often it occurs. */
  readonly count: number;
  readonly message: string;
  /** The first occurrences: conversation ids, or pairs of them. */
  readonly samples: readonly string[];
}

/** The kind of a corpus problem. */
export type CorpusProblemKind =
  | 'duplicate-id'
  | 'no-examples'
  | 'one-class'
  | 'few-of-a-class'
  | 'file-left-out'
  | 'leaked-conversation'
  | 'leaked-opening'
  | 'duplicate-conversation'
  | 'unlabeled-turn'
  | 'weak-labels'
  | 'mixed-roles'
  | 'html'
  | 'empty-text'
  | 'truncated'
  | 'system-prompt'
  | 'common-opening'
  | 'tag-set-unused'
  | 'mixed-labels'
  | 'conversation-without-example';
