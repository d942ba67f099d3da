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
  /** 0-based ordinal among the system turns that answer the user: a greeting before the user has spoken does not count. */
  readonly systemTurn: number;
}

/** A system turn to learn from or to score. */
export interface Example extends ExampleInput {
  /** 1 = the system takes the initiative. */
  readonly label: 0 | 1;
  /** The tags of the system turn itself: never part of the input. */
  readonly tags: readonly DialogueTag[];
  /** Who or what gave the label, where the corpus says so. */
  readonly labelSource?: string;
}

export interface LabelRule {
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
}

/** The labelled system turns that have a user turn before them. Openings by the system and unlabelled turns give no example. */
export function examplesOf(conversation: Conversation, rule: LabelRule): Example[] {
  return labelledExamples(systemTurnsOf(conversation, rule.protocol), rule.tagSet);
}

/** The examples among the system turns of a conversation. */
export function labelledExamples(systemTurns: readonly SystemTurn[], tagSet: TagSet): Example[] {
  const examples: Example[] = [];
  for (const { turn, ...input } of systemTurns) {
    if (!turn.labelled) continue;
    const { tags, labelSource } = turn;
    examples.push({ ...input, label: takesInitiative(turn, tagSet) ? 1 : 0, tags, ...(labelSource !== undefined && { labelSource }) });
  }
  return examples;
}

/** A system turn and what comes before it. */
export interface SystemTurn extends ExampleInput {
  readonly turn: Turn;
}

/** Every system turn with a user turn before it, labelled or not. */
export function systemTurnsOf(conversation: Conversation, protocol: Protocol): SystemTurn[] {
  const turns = turnsOf(conversation.utterances, protocol);
  const found: SystemTurn[] = [];
  let systemTurn = 0;
  let userSpoke = false;
  turns.forEach((turn, position) => {
    if (turn.role === 'user') userSpoke = true;
    else if (userSpoke) found.push({ ...inputOf(conversation.id, turns.slice(0, position), systemTurn++), turn });
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
  const answers = history.slice(history.findIndex(({ role }) => role === 'user')).filter(({ role }) => role === 'system');
  return inputOf(conversation.id, history, answers.length);
}

function inputOf(conversationId: string, history: readonly Turn[], systemTurn: number): ExampleInput {
  return { id: `${conversationId}#${systemTurn}`, conversationId, history, systemTurn };
}
