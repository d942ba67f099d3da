import { AppError } from '@overture/core';
import type { Turn } from '@overture/dialogue';
import { turnMeter, type MeasuredTurn } from './measured-turn.ts';
import { renderTurn, type RenderedTurn } from './render-example.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The token budget of an example. */
export interface LengthOptions {
  /** Maximum number of tokens. */
  readonly maxLength: number;
  /**
   * Share of the budget reserved for the opening question if not everything fits, from 0 to 1; default 0.25.
   */
  readonly openingShare?: number;
}

/** A shorter text cannot contain an opening question and a latest turn. */
export const shortestMaxLength = 16;

/** Default of `openingShare`. */
export const defaultOpeningShare = 0.25;

/**
 * A conversation is tried as a whole if its units cost at most this multiple of the budget, because their sum
 * is only an estimate.
 */
export const wholeSlack = 1.25;

/** The turns that fit, and whether anything was cut. */
export interface FittedTurns {
  readonly turns: readonly RenderedTurn[];
  readonly truncated: boolean;
}

/** Fits the turns of examples into a token budget. */
export interface TurnFitter {
  /**
   * All turns if they fit in `maxLength` tokens, otherwise those that `cutTurns` keeps. If the text still has
   * too many tokens, the budget is reduced by the excess.
   * @param length counts the tokens of the text of these turns
   * @param reserved tokens of the text without turns
   */
  fit(
    history: readonly Turn[],
    reserved: number,
    length: (turns: readonly RenderedTurn[]) => number,
  ): FittedTurns;
}

/**
 * A fitter for many examples. Caches the turns shared by examples and the costs of words.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function turnFitter(tokenizer: Tokenizer, options: LengthOptions): TurnFitter {
  const { maxLength, openingShare } = checkLength(options);
  const measure = turnMeter(tokenizer);
  return {
    fit(history, reserved, length) {
      const turns = history.map(measure);
      const whole = turns.map(({ rendered }) => rendered);
      let room = maxLength - reserved;
      if (totalCost(turns, wholeSlack * room) <= wholeSlack * room && length(whole) <= maxLength)
        return { turns: whole, truncated: false };
      for (;;) {
        const kept = cutTurns(turns, { room, share: openingShare });
        const excess = length(kept) - maxLength;
        if (excess <= 0) return { turns: kept, truncated: true };
        if (kept.length === 0)
          throw new AppError(
            'MAX_LENGTH_INVALID',
            `maxLength must leave room for a conversation. The position of the turn and the special tokens alone take ${maxLength + excess} tokens of ${maxLength}: raise maxLength.`,
            { details: { key: 'maxLength', received: maxLength } },
          );
        room -= excess;
      }
    },
  };
}

/**
 * The turns that fit the budget, in order. The first user turn keeps its beginning within its share of the
 * budget, or more if the others leave some. The latest turns get the rest. The last of them that fits only in
 * part keeps its end.
 */
function cutTurns(
  turns: readonly MeasuredTurn[],
  { room, share }: { readonly room: number; readonly share: number },
): RenderedTurn[] {
  const opening = Math.max(
    turns.findIndex(({ rendered }) => rendered.role === 'user'),
    0,
  );
  const first = turns[opening];
  if (first === undefined || first.speaker > room) return [];
  // Greetings before the opening question are dropped first, so they do not count here.
  const later = totalCost(turns.slice(opening + 1), room);
  const openingRoom = Math.max(
    first.speaker,
    Math.min(totalCost([first], room), Math.max(Math.floor(share * room), room - later)),
  );
  const tail: RenderedTurn[] = [];
  let left = room - openingRoom;
  for (let i = turns.length - 1; i >= 0; i--) {
    if (i === opening) continue;
    const turn = turns[i]!;
    const {
      rendered,
      speaker,
      units: { starts },
    } = turn;
    if (left <= speaker) break;
    let [from, used] = [starts.length, speaker];
    while (from > 0 && used + turn.costOf(from - 1) <= left) used += turn.costOf(--from);
    if (from === starts.length && from > 0) break; // not even its last word fits
    tail.unshift(from === 0 ? rendered : { ...rendered, text: rendered.text.slice(starts[from]) });
    left -= used;
    if (from > 0) break;
  }
  let [to, used] = [0, first.speaker];
  const { ends } = first.units;
  while (to < ends.length && used + first.costOf(to) <= openingRoom + left) used += first.costOf(to++);
  const head = {
    ...first.rendered,
    text: to === ends.length ? first.rendered.text : first.rendered.text.slice(0, ends[to - 1] ?? 0),
  };
  const before = Math.max(0, tail.length - (turns.length - 1 - opening));
  return [...tail.slice(0, before), head, ...tail.slice(before)];
}

/** Tokens of turns and their speakers. Counting stops above `enough`. */
function totalCost(turns: readonly MeasuredTurn[], enough: number): number {
  let sum = 0;
  for (const turn of turns) {
    sum += turn.cost(enough - sum);
    if (sum > enough) return sum;
  }
  return sum;
}

/**
 * Checks the options and adds defaults.
 * @throws AppError `MAX_LENGTH_INVALID`, `OPENING_SHARE_INVALID`
 */
export function checkLength({
  maxLength,
  openingShare = defaultOpeningShare,
}: LengthOptions): Required<LengthOptions> {
  if (!Number.isInteger(maxLength) || maxLength < shortestMaxLength) {
    throw new AppError(
      'MAX_LENGTH_INVALID',
      `maxLength must be a whole number of at least ${shortestMaxLength} tokens. Got ${maxLength} instead.`,
      { details: { key: 'maxLength', received: maxLength } },
    );
  }
  if (!(openingShare >= 0 && openingShare <= 1)) {
    throw new AppError(
      'OPENING_SHARE_INVALID',
      `openingShare must be from 0 to 1. Got ${openingShare} instead.`,
      { details: { key: 'openingShare', received: String(openingShare) } },
    );
  }
  return { maxLength, openingShare };
}

/** Turns as the lines of a text. */
export function renderLines(turns: readonly RenderedTurn[]): string[] {
  return turns.map(renderTurn);
}
