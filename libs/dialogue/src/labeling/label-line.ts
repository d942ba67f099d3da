import type { Conversation } from '../conversation.ts';
import { systemTurnsOf, type SystemTurn } from '../example.ts';
import { parseConversationLine, type LineSource } from '../formats/conversation-lines.ts';
import { readSpeakers } from '../formats/speaker-roles.ts';

/** A system turn to be labeled by a person or a rule. Consecutive utterances are one turn. */
export interface LabelableTurn extends SystemTurn {
  /** The user's text right before the turn, for display. */
  readonly asked: string;
}

/** The label to write on a system turn, and its source. */
export interface TurnLabel {
  readonly initiative: boolean;
  readonly labelSource: string;
}

/** The system turns of a conversation after the user's first turn. */
export function labelableTurns(conversation: Conversation): LabelableTurn[] {
  return systemTurnsOf(conversation, 'cikm23').map((turn) => ({
    ...turn,
    asked: turn.history.at(-1)?.text ?? '',
  }));
}

/**
 * Writes labels on the system turns of a JSON Lines line. Everything else stays unchanged, including metadata
 * and prompts.
 * @param decide the label of a turn; undefined leaves it unchanged
 * @throws AppError `CORPUS_…`, as for reading it
 */
export function labeledLine(
  line: string,
  where: LineSource,
  decide: (turn: LabelableTurn) => TurnLabel | undefined,
): string {
  const turns = labelableTurns(parseConversationLine(line, where));
  const raw = JSON.parse(line) as { readonly utterances: RawUtterance[] };
  const places = placesOfTurns(raw.utterances);
  turns.forEach((turn, i) => {
    const label = decide(turn);
    if (label === undefined) return;
    // The turn's last utterance carries the label for the whole turn.
    for (const at of places[i] ?? []) {
      delete raw.utterances[at]?.initiative;
      delete raw.utterances[at]?.labelSource;
    }
    Object.assign(raw.utterances[places[i]?.at(-1) as number] as RawUtterance, label);
  });
  return JSON.stringify(raw);
}

interface RawUtterance {
  readonly role: string;
  readonly text: string;
  readonly tags?: null | readonly [];
  initiative?: boolean | null;
  labelSource?: string | null;
}

/** The indices of the utterances in each system turn after the user's first turn. */
function placesOfTurns(raw: readonly RawUtterance[]): number[][] {
  const { utterances } = readSpeakers(
    raw.map(({ role, text, tags, initiative }, at) => ({
      word: role,
      text,
      tags: tags ?? undefined,
      initiative: initiative ?? undefined,
      at,
    })),
  );
  const places: number[][] = [];
  let [userSpoke, last] = [false, ''];
  for (const { role, at } of utterances) {
    if (role === 'user') userSpoke = true;
    else if (userSpoke && last === 'system') places.at(-1)?.push(at);
    else if (userSpoke) places.push([at]);
    last = role;
  }
  return places;
}
