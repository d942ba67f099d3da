import { AppError } from '@overture/core';
import type { Turn } from '@overture/dialogue';
import { renderTurn, type RenderedTurn } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface LengthOptions {
  /** Most tokens. */
  readonly maxLength: number;
  /** Share of the room that the opening question may keep when not everything fits; default 0.25. */
  readonly openingShare?: number;
}

/** Under this there is no room for an opening question and a latest turn. */
export const shortestMaxLength = 16;

/** A turn's tokens; of its text perhaps a part. */
export interface EncodedTurn {
  readonly rendered: RenderedTurn;
  readonly speaker: readonly number[];
  readonly text: readonly number[];
}

/** Encodes turns; remembers those that a conversation's examples share. */
export function turnEncoder(tokenizer: Tokenizer, maxLength: number): (turn: Turn) => EncodedTurn {
  const known = new WeakMap<Turn, EncodedTurn>();
  return (turn) => {
    let encoded = known.get(turn);
    if (encoded === undefined) {
      const rendered = renderTurn(turn);
      encoded = { rendered, speaker: tokenizer.encode(rendered.speaker), text: tokenizer.encode(ends(rendered.text, maxLength)) };
      known.set(turn, encoded);
    }
    return encoded;
  };
}

/**
 * A text's first and last words, `count` of each: a word is at least one token, so that what lies between is never kept.
 * Without this, a message of a megabyte would take seconds.
 */
function ends(text: string, count: number): string {
  const words = text.split(' ');
  return words.length <= 2 * count ? text : [...words.slice(0, count), ...words.slice(-count)].join(' ');
}

/**
 * What of the turns fits the room, in order. When not everything does, the first user turn keeps its beginning within its share of the room (more where
 * the rest leaves it), and the rest goes to the latest turns; of the turn that fits in part, the end is kept.
 */
export function fitTurns(turns: readonly EncodedTurn[], { room, share }: { readonly room: number; readonly share: number }): readonly EncodedTurn[] {
  if (lengthOf(turns) <= room) return turns;
  const opening = Math.max(turns.findIndex(({ rendered }) => rendered.role === 'user'), 0);
  const first = turns[opening] as EncodedTurn;
  // A greeting of the system before the opening question is the first to go, so that it does not count here.
  const later = lengthOf(turns.slice(opening + 1));
  const openingRoom = Math.max(first.speaker.length, Math.min(lengthOf([first]), Math.max(Math.floor(share * room), room - later)));
  const tail: EncodedTurn[] = [];
  let left = room - openingRoom;
  for (let i = turns.length - 1; i >= 0 && left > 0; i--) {
    if (i === opening) continue;
    const turn = turns[i] as EncodedTurn;
    const textRoom = left - turn.speaker.length;
    if (textRoom <= 0) break;
    const part = turn.text.length <= textRoom ? turn : { ...turn, text: turn.text.slice(-textRoom) };
    tail.unshift(part);
    left -= lengthOf([part]);
    if (part !== turn) break;
  }
  const head: EncodedTurn = { ...first, text: first.text.slice(0, openingRoom + left - first.speaker.length) };
  const keptBefore = Math.max(0, tail.length - (turns.length - 1 - opening));
  return [...tail.slice(0, keptBefore), head, ...tail.slice(keptBefore)];
}

/** Tokens of turns and their speakers. */
export function lengthOf(turns: readonly EncodedTurn[]): number {
  return turns.reduce((sum, { speaker, text }) => sum + speaker.length + text.length, 0);
}

/** The options, checked and complete. @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID` */
export function checkLength({ maxLength, openingShare = 0.25 }: LengthOptions): Required<LengthOptions> {
  if (!Number.isInteger(maxLength) || maxLength < shortestMaxLength) {
    throw new AppError('MAX_LENGTH_INVALID', `maxLength must be a whole number of at least ${shortestMaxLength} tokens. Got ${maxLength} instead.`, { details: { key: 'maxLength', received: maxLength } });
  }
  if (!(openingShare >= 0 && openingShare <= 1)) {
    throw new AppError('OPENING_SHARE_INVALID', `openingShare must be from 0 to 1. Got ${openingShare} instead.`, { details: { key: 'openingShare', received: String(openingShare) } });
  }
  return { maxLength, openingShare };
}
