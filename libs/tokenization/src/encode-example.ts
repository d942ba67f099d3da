import { AppError } from '@overture/core';
import type { ExampleInput, Turn } from '@overture/dialogue';
import { renderPosition, renderTurn } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface EncodeOptions {
  /** Most tokens, special ones included. */
  readonly maxLength: number;
  /** Share of the room that the opening question may keep when not everything fits; default 0.25. */
  readonly openingShare?: number;
}

export interface EncodedExample {
  readonly ids: number[];
  /** Whether something was left out. */
  readonly truncated: boolean;
}

/** Under this there is no room for an opening question and a latest turn. */
export const shortestMaxLength = 16;

/**
 * The ids of one example.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function encodeExample(
  tokenizer: Tokenizer,
  input: Pick<ExampleInput, 'history' | 'systemTurn'>,
  options: EncodeOptions,
): EncodedExample {
  return exampleEncoder(tokenizer, options)(input);
}

/**
 * Encodes many examples; remembers the turns that a conversation's examples share.
 *
 * When not everything fits, the position and the special tokens stay, the first user turn keeps its beginning within
 * `openingShare` of the room (more where the rest leaves it), and the rest goes to the latest turns; of the turn that
 * fits in part, the end is kept.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function exampleEncoder(
  tokenizer: Tokenizer,
  options: EncodeOptions,
): (input: Pick<ExampleInput, 'history' | 'systemTurn'>) => EncodedExample {
  const { maxLength, openingShare = 0.25 } = options;
  checkOptions(maxLength, openingShare);
  const encodeTurn = turnEncoder(tokenizer, maxLength);
  return (input) => {
    const before = [...tokenizer.prefix, ...tokenizer.encode(renderPosition(input))];
    const room = maxLength - before.length - tokenizer.suffix.length;
    const turns = input.history.map(encodeTurn);
    const length = turns.reduce((sum, turn) => sum + lengthOf(turn), 0);
    const opening = input.history.findIndex((turn) => turn.role === 'user');
    const kept = length <= room ? turns : fitted(turns, Math.max(opening, 0), { room, share: openingShare });
    const ids = [...before];
    for (const { speaker, text } of kept) ids.push(...speaker, ...text);
    ids.push(...tokenizer.suffix);
    return { ids, truncated: length > room };
  };
}

interface EncodedTurn {
  readonly speaker: readonly number[];
  readonly text: readonly number[];
}

function turnEncoder(tokenizer: Tokenizer, maxLength: number): (turn: Turn) => EncodedTurn {
  const known = new WeakMap<Turn, EncodedTurn>();
  return (turn) => {
    let encoded = known.get(turn);
    if (encoded === undefined) {
      const { speaker, text } = renderTurn(turn);
      encoded = { speaker: tokenizer.encode(speaker), text: tokenizer.encode(ends(text, maxLength)) };
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

/** The opening's beginning and as much of the end of the conversation as the room allows, in order. */
function fitted(turns: readonly EncodedTurn[], opening: number, { room, share }: { room: number; share: number }): EncodedTurn[] {
  const first = turns[opening] as EncodedTurn;
  // A greeting of the system before the opening question is the first to go, so that it does not count here.
  const later = turns.slice(opening + 1).reduce((sum, turn) => sum + lengthOf(turn), 0);
  const openingRoom = Math.max(first.speaker.length, Math.min(lengthOf(first), Math.max(Math.floor(share * room), room - later)));
  const tail: EncodedTurn[] = [];
  let left = room - openingRoom;
  for (let i = turns.length - 1; i >= 0 && left > 0; i--) {
    if (i === opening) continue;
    const turn = turns[i] as EncodedTurn;
    const textRoom = left - turn.speaker.length;
    if (textRoom <= 0) break;
    const part = turn.text.length <= textRoom ? turn : { speaker: turn.speaker, text: turn.text.slice(-textRoom) };
    tail.unshift(part);
    left -= lengthOf(part);
    if (part !== turn) break;
  }
  const head: EncodedTurn = { speaker: first.speaker, text: first.text.slice(0, openingRoom + left - first.speaker.length) };
  const keptBefore = Math.max(0, tail.length - (turns.length - 1 - opening));
  return [...tail.slice(0, keptBefore), head, ...tail.slice(keptBefore)];
}

function lengthOf(turn: EncodedTurn): number {
  return turn.speaker.length + turn.text.length;
}

function checkOptions(maxLength: number, openingShare: number): void {
  if (!Number.isInteger(maxLength) || maxLength < shortestMaxLength) {
    throw new AppError(
      'MAX_LENGTH_INVALID',
      `maxLength must be a whole number of at least ${shortestMaxLength} tokens. Got ${maxLength} instead.`,
      { details: { key: 'maxLength', received: maxLength } },
    );
  }
  if (!(openingShare >= 0 && openingShare <= 1)) {
    throw new AppError('OPENING_SHARE_INVALID', `openingShare must be from 0 to 1. Got ${openingShare} instead.`, {
      details: { key: 'openingShare', received: String(openingShare) },
    });
  }
}
