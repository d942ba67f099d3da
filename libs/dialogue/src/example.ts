import { AppError } from '@overture/core';
import type { Conversation } from './conversation.ts';
import type { DialogueTag } from './dialogue-tag.ts';
import { turnsOf, type Protocol, type Turn } from './protocol.ts';
import type { TagSet } from './tag-set.ts';

/** What a predictor sees: a conversation up to the point at which the system is about to speak. */
export interface ExampleInput {
  /** `conversationId#n`, n being `systemTurn`. */
  readonly id: string;
  readonly conversationId: string;
  /** Everything before the system turn; the turns of one conversation's examples are the same objects. */
  readonly history: readonly Turn[];
  /** 0-based ordinal of the system turn in its conversation. */
  readonly systemTurn: number;
}

/** A system turn to learn from or to score. */
export interface Example extends ExampleInput {
  /** 1 = the system takes the initiative. */
  readonly label: 0 | 1;
  /** The tags of the system turn itself: never part of the input. */
  readonly tags: readonly DialogueTag[];
}

export interface LabelRule {
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
}

/** The labelled system turns that have a user turn before them. Openings by the system and unlabelled turns give no example. */
export function examplesOf(conversation: Conversation, rule: LabelRule): Example[] {
  const examples: Example[] = [];
  for (const { turn, ...input } of systemTurnsOf(conversation, rule.protocol)) {
    if (!turn.labelled) continue;
    examples.push({ ...input, label: takesInitiative(turn, rule.tagSet) ? 1 : 0, tags: turn.tags });
  }
  return examples;
}

/** Every system turn with a user turn before it, labelled or not. */
export function systemTurnsOf(conversation: Conversation, protocol: Protocol): (ExampleInput & { readonly turn: Turn })[] {
  const turns = turnsOf(conversation.utterances, protocol);
  const found: (ExampleInput & { readonly turn: Turn })[] = [];
  let systemTurn = 0;
  let userSpoke = false;
  turns.forEach((turn, position) => {
    if (turn.role === 'user') userSpoke = true;
    else {
      if (userSpoke) found.push({ ...inputOf(conversation.id, turns.slice(0, position), systemTurn), turn });
      systemTurn++;
    }
  });
  return found;
}

/** Whether a turn takes the initiative: its direct label, else whether it has a tag of the set. */
export function takesInitiative(turn: Turn, tagSet: TagSet): boolean {
  return turn.initiative ?? turn.tags.some((tag) => tagSet.tags.includes(tag));
}

/**
 * The input for a conversation whose next turn is the system's.
 * @throws AppError `CONVERSATION_NOT_WAITING` when the last utterance is not the user's.
 */
export function nextSystemTurn(conversation: Conversation, protocol: Protocol): ExampleInput {
  const history = turnsOf(conversation.utterances, protocol);
  const last = history.at(-1);
  if (last?.role !== 'user') {
    throw new AppError(
      'CONVERSATION_NOT_WAITING',
      `Conversation ${JSON.stringify(conversation.id)}${conversation.source ? ` (${conversation.source.file}:${conversation.source.line})` : ''} must end with an utterance of the user, since the prediction is about the system's next turn. It ${last ? "ends with the system's" : 'is empty'}: cut it there, or leave it out.`,
      { details: { conversation: conversation.id, line: conversation.source?.line } },
    );
  }
  return inputOf(conversation.id, history, history.filter((turn) => turn.role === 'system').length);
}

function inputOf(conversationId: string, history: readonly Turn[], systemTurn: number): ExampleInput {
  return { id: `${conversationId}#${systemTurn}`, conversationId, history, systemTurn };
}
