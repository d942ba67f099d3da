import type { SplitName } from '../conversation.ts';
import type { DialogueTag } from '../dialogue-tag.ts';
import type { CorpusFormatName } from '../formats/corpus-formats.ts';
import type { Protocol } from '../protocol.ts';
import type { TagSet } from '../tag-set.ts';
import type { LengthSummary } from './length-tally.ts';

/** What a corpus holds under a protocol and a tag set: plain data, for people (`overture corpus inspect`) and for records. */
export interface CorpusSummary {
  readonly path: string;
  readonly format: CorpusFormatName;
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
  /** Where the splits come from: see `SplitPlan.kind`. */
  readonly splitBy: 'given' | 'valid-from-train' | 'drawn';
  /** Train, valid, test, as far as they occur. */
  readonly splits: readonly SplitSummary[];
  readonly total: Omit<SplitSummary, 'name'>;
  readonly problems: readonly CorpusProblem[];
}

export interface SplitSummary extends ExampleCount {
  readonly name: SplitName;
  readonly conversations: number;
  readonly utterances: number;
  /** How many examples have each tag on the system turn that is to be predicted. */
  readonly systemTags: Readonly<Partial<Record<DialogueTag, number>>>;
  /** By ordinal of the system turn; the last entry also counts all later turns. */
  readonly byTurn: readonly TurnSummary[];
  readonly lengths: {
    /** Utterances of a conversation. */
    readonly utterances: LengthSummary;
    /** Words and characters of an example's history, which is the input of a model. */
    readonly historyWords: LengthSummary;
    readonly historyCharacters: LengthSummary;
  };
  /** How many examples are probably longer than the default `maxLength` of a training, as estimated from their characters. */
  readonly probablyTruncated: number;
  /** How many examples were labeled by whom or what, where the corpus says so: `rule:question`, `person`. */
  readonly labelSources: Readonly<Record<string, number>>;
}

export interface ExampleCount {
  readonly examples: number;
  /** Examples in which the system takes the initiative. */
  readonly initiative: number;
  /** `initiative / examples`, from 0 to 1; 0 without examples. */
  readonly initiativeRate: number;
}

export interface TurnSummary extends ExampleCount {
  /** 0-based. */
  readonly systemTurn: number;
  /** Whether later system turns are counted here too. */
  readonly andLater: boolean;
}

/** Something about a corpus that a person should know before training on it. */
export interface CorpusProblem {
  readonly kind: CorpusProblemKind;
  /** Training refuses errors; warnings are for people to judge; notes are harmless. */
  readonly severity: 'error' | 'warning' | 'note';
  /** How often it occurs. */
  readonly count: number;
  readonly message: string;
  /** The first occurrences: conversation ids, or pairs of them. */
  readonly samples: readonly string[];
}

export type CorpusProblemKind =
  | 'duplicate-id'
  | 'no-examples'
  | 'one-class'
  | 'few-of-a-class'
  | 'file-left-out'
  | 'leaked-conversation'
  | 'leaked-opening'
  | 'duplicate-conversation'
  | 'unlabelled-turn'
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
