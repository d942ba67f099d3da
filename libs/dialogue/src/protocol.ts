import { AppError } from '@overture/core';
import type { Role, Utterance } from './conversation.ts';
import type { DialogueTag } from './dialogue-tag.ts';
import { isWeak } from './labeling/label-source.ts';

/** One speaker's turn under a protocol. */
export interface Turn {
  readonly role: Role;
  readonly text: string;
  readonly tags: readonly DialogueTag[];
  /** Direct label: true if any of its utterances is labeled true, false if all labeled ones are false. */
  readonly initiative?: boolean;
  /** The source of the direct label: a rule, if any of its utterances was labeled by one. */
  readonly labelSource?: string;
  /** Whether the turn has a tag or a direct label. */
  readonly labeled: boolean;
}

/** How utterances are merged into turns. To add a protocol: a row of `protocols`. */
export interface ProtocolDefinition {
  readonly title: string;
  /** Tags that are dropped from an utterance with other tags, in this order, as long as one tag remains. */
  readonly minorTags: readonly DialogueTag[];
  /** Whether consecutive utterances of one speaker form one turn. */
  readonly mergesUtterances: boolean;
}

/** The protocols by name. */
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

/** The name of a protocol. */
export type Protocol = keyof typeof protocols;

/** The protocol used by default. */
export const defaultProtocol: Protocol = 'cikm23';

/**
 * Parses the name of a protocol.
 * @throws AppError `PROTOCOL_UNKNOWN`
 */
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

/**
 * The turns of a conversation under a protocol: tags are united in order of appearance, and texts are joined
 * by a space.
 */
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

function asTurn(
  { role, text, tags, initiative, labelSource }: Utterance,
  minorTags: readonly DialogueTag[],
): Turn {
  const kept = new Set(tags);
  for (const tag of minorTags) if (kept.size > 1) kept.delete(tag);
  return {
    role,
    text,
    tags: [...kept],
    initiative,
    labeled: initiative !== undefined || kept.size > 0,
    ...(labelSource !== undefined && { labelSource }),
  };
}

function united(a: Turn, b: Turn): Turn {
  const initiative =
    a.initiative === undefined && b.initiative === undefined
      ? undefined
      : Boolean(a.initiative) || Boolean(b.initiative);
  const sources = [a.labelSource, b.labelSource].filter((source) => source !== undefined);
  const labelSource = sources.find(isWeak) ?? sources[0];
  return {
    role: a.role,
    text: a.text === '' ? b.text : `${a.text} ${b.text}`,
    tags: [...new Set([...a.tags, ...b.tags])],
    initiative,
    labeled: a.labeled || b.labeled,
    ...(labelSource !== undefined && { labelSource }),
  };
}
