import { AppError } from '@overture/core';
import type { Conversation } from './conversation.ts';
import type { DialogueTag } from './dialogue-tag.ts';
import { turnsOf, type Protocol, type Turn } from './protocol.ts';
import type { TagSet } from './tag-set.ts';

/** The input of a predictor: a conversation up to the point where the system is about to speak. */
export interface ExampleInput {
  /** `conversationId#n`, where n is `systemTurn`. */
  readonly id: string;
  readonly conversationId: string;
  /** Everything before the system turn. The examples of one conversation share the same turn objects. */
  readonly history: readonly Turn[];
  /**
   * 0-based ordinal among the system turns after the user's first turn. An earlier greeting does not count.
   */
  readonly systemTurn: number;
}

/** A system turn to train on or to score. */
export interface Example extends ExampleInput {
  /** 1 = the system takes the initiative. */
  readonly label: 0 | 1;
  /** The tags of the system turn itself: never part of the input. */
  readonly tags: readonly DialogueTag[];
  /** The source of the label, if the corpus names it. */
  readonly labelSource?: string;
}

/** How labels are derived: the turn protocol and the tags that count as initiative. */
export interface LabelRule {
  readonly protocol: Protocol;
  readonly tagSet: TagSet;
}

/**
 * The labeled system turns after the user's first turn. Opening system turns and unlabeled turns are not
 * examples.
 */
export function examplesOf(conversation: Conversation, rule: LabelRule): Example[] {
  return labeledExamples(systemTurnsOf(conversation, rule.protocol), rule.tagSet);
}

/** The labeled examples among the system turns of a conversation. */
export function labeledExamples(systemTurns: readonly SystemTurn[], tagSet: TagSet): Example[] {
  const examples: Example[] = [];
  for (const { turn, ...input } of systemTurns) {
    if (!turn.labeled) continue;
    const { tags, labelSource } = turn;
    examples.push({
      ...input,
      label: takesInitiative(turn, tagSet) ? 1 : 0,
      tags,
      ...(labelSource !== undefined && { labelSource }),
    });
  }
  return examples;
}

/** A system turn with the turns before it. */
export interface SystemTurn extends ExampleInput {
  readonly turn: Turn;
}

/** Every system turn after the user's first turn, labeled or not. */
export function systemTurnsOf(conversation: Conversation, protocol: Protocol): SystemTurn[] {
  const turns = turnsOf(conversation.utterances, protocol);
  const found: SystemTurn[] = [];
  let systemTurn = 0;
  let userSpoke = false;
  turns.forEach((turn, position) => {
    if (turn.role === 'user') userSpoke = true;
    else if (userSpoke)
      found.push({ ...inputOf(conversation.id, turns.slice(0, position), systemTurn++), turn });
  });
  return found;
}

/** Whether a turn takes the initiative: by its direct label, or else by whether it has a tag of the set. */
export function takesInitiative(turn: Turn, tagSet: TagSet): boolean {
  return turn.initiative ?? turn.tags.some((tag) => tagSet.tags.includes(tag));
}

/**
 * The input for a conversation in which the system speaks next.
 * @throws AppError `CONVERSATION_NOT_WAITING` if the last utterance is not the user's
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
  const answers = history
    .slice(history.findIndex(({ role }) => role === 'user'))
    .filter(({ role }) => role === 'system');
  return inputOf(conversation.id, history, answers.length);
}

function inputOf(conversationId: string, history: readonly Turn[], systemTurn: number): ExampleInput {
  return { id: `${conversationId}#${systemTurn}`, conversationId, history, systemTurn };
}
