import type { ExampleInput, Role } from '@overture/dialogue';

/** Part of bundles and cache keys: a model reads only text written by the template it was trained with. */
export const templateVersion = 2;

/** The speaker prefix of each line. */
export const speakers: Readonly<Record<Role, string>> = { user: 'user:', system: 'system:' };

/**
 * The prefix of the number of the system turn to predict, counted from 1. System turns before the user's
 * first turn do not count.
 */
export const positionPrefix = 'turn ';

/** Every run of white space and control characters becomes one space. */
export const spacePattern = '[\\s\\p{Cc}]+';

/** The part of a tokenizer that a template needs: it keeps control tokens out of a text. */
export interface PlainText {
  /** The text with every spelling of a control token broken by a space. */
  plainText(text: string): string;
}

/** One turn of a rendered example: its speaker and its text. */
export interface RenderedTurn {
  readonly role: Role;
  readonly text: string;
}

/**
 * The ordinal of the system turn to predict, as text. It comes first because it is the strongest single cue:
 * initiative falls from 45 % at the first system turn of MSDialog to under 25 % later. Truncation never
 * removes it.
 */
export function renderPosition({ systemTurn }: Pick<ExampleInput, 'systemTurn'>): string {
  return `${positionPrefix}${systemTurn + 1}`;
}

const space = new RegExp(spacePattern, 'gu');

/**
 * A text on one line. Lone surrogates become U+FFFD, white space and control characters collapse, and control
 * tokens are broken.
 */
export function cleanText(text: string, { plainText }: PlainText): string {
  return plainText(text.toWellFormed().replace(space, ' ')).trim();
}

/** A turn and its speaker as one line. */
export function renderTurn({ role, text }: RenderedTurn): string {
  return `${speakers[role]} ${text}`.trimEnd();
}
