import { AppError } from '@overture/core';
import type { Role, Utterance } from './conversation.ts';
import type { DialogueTag } from './dialogue-tag.ts';
import { isWeak } from './labeling/label-source.ts';

/** One speaker's turn as a protocol sees it. */
export interface Turn {
  readonly role: Role;
  readonly text: string;
  readonly tags: readonly DialogueTag[];
  /** Direct label: true when any of its utterances was labelled true, false when all labelled ones were false. */
  readonly initiative?: boolean;
  /** Who or what gave the direct label; a rule, where any of its utterances was labeled by one. */
  readonly labelSource?: string;
  /** Whether tags or a direct label say what the turn does. */
  readonly labelled: boolean;
}

/** How utterances become turns. A new protocol is a row of `protocols`. */
export interface ProtocolDefinition {
  readonly title: string;
  /** Tags dropped from an utterance that has others, one after the other, as long as one tag remains. */
  readonly minorTags: readonly DialogueTag[];
  /** Whether consecutive utterances of one speaker are one turn. */
  readonly mergesUtterances: boolean;
}

export const protocols = {
  cikm23: {
    title: 'turns, as Meng et al. (CIKM 2023) prepared MSDialog',
    minorTags: ['GG', 'O', 'JK'],
    mergesUtterances: true,
  },
  utterance: {
    title: 'utterances, not merged, as the poster seems to have used them',
    minorTags: [],
    mergesUtterances: false,
  },
} as const satisfies Record<string, ProtocolDefinition>;

export type Protocol = keyof typeof protocols;

export const defaultProtocol: Protocol = 'cikm23';

/** @throws AppError `PROTOCOL_UNKNOWN` */
export function parseProtocol(name: string): Protocol {
  if (Object.hasOwn(protocols, name)) return name as Protocol;
  throw new AppError(
    'PROTOCOL_UNKNOWN',
    `A protocol must be one of ${Object.keys(protocols).join(', ')}. Got ${JSON.stringify(name)} instead.`,
    {
      details: { received: name },
    },
  );
}

/** The turns of a conversation under a protocol: tags united in order of appearance, texts joined by a space. */
export function turnsOf(utterances: readonly Utterance[], protocol: Protocol): Turn[] {
  const { minorTags, mergesUtterances }: ProtocolDefinition = protocols[protocol];
  const turns: Turn[] = [];
  for (const utterance of utterances) {
    const turn = asTurn(utterance, minorTags);
    const previous = turns.at(-1);
    if (mergesUtterances && previous?.role === turn.role) turns[turns.length - 1] = united(previous, turn);
    else turns.push(turn);
  }
  return turns;
}

function asTurn({ role, text, tags, initiative, labelSource }: Utterance, minorTags: readonly DialogueTag[]): Turn {
  const kept = new Set(tags);
  for (const tag of minorTags) if (kept.size > 1) kept.delete(tag);
  return {
    role,
    text,
    tags: [...kept],
    initiative,
    labelled: initiative !== undefined || kept.size > 0,
    ...(labelSource !== undefined && { labelSource }),
  };
}

function united(a: Turn, b: Turn): Turn {
  const initiative = a.initiative === undefined && b.initiative === undefined ? undefined : Boolean(a.initiative) || Boolean(b.initiative);
  const sources = [a.labelSource, b.labelSource].filter((source) => source !== undefined);
  const labelSource = sources.find(isWeak) ?? sources[0];
  return {
    role: a.role,
    text: a.text === '' ? b.text : `${a.text} ${b.text}`,
    tags: [...new Set([...a.tags, ...b.tags])],
    initiative,
    labelled: a.labelled || b.labelled,
    ...(labelSource !== undefined && { labelSource }),
  };
}
