import { hash } from 'node:crypto';
import type { Conversation } from './conversation.ts';
import { wordCount } from './word-count.ts';

/**
 * 52 bits of SHA-256: among a million conversations, the probability of a collision is 1e-4. A number uses
 * little memory.
 */
export type Fingerprint = number;

/** The fingerprints of a conversation, used to detect copies. */
export interface Fingerprints {
  /** Of all texts and roles. Ignores case, white space, ids and tags. */
  readonly whole: Fingerprint;
  /**
   * Of the user's first words, at least eight. Undefined if the user says less, because short openings can
   * coincide by chance.
   */
  readonly opening?: Fingerprint;
}

const shortestOpening = 8; // words

/** Splits, folds and inspection all need fingerprints, so they are cached per conversation. */
const known = new WeakMap<Conversation['utterances'], Fingerprints>();

/** Fingerprints that detect copies of a conversation. */
export function fingerprintsOf({ utterances }: Conversation): Fingerprints {
  const before = known.get(utterances);
  if (before) return before;
  const said = utterances.map(({ text }) => plain(text));
  const opening = openingOf(utterances, said);
  const whole = fingerprint(utterances.map(({ role }, i) => `${role}\u0000${said[i]}\u0000`).join(''));
  const fingerprints = opening === undefined ? { whole } : { whole, opening: fingerprint(opening) };
  known.set(utterances, fingerprints);
  return fingerprints;
}

/**
 * The user's first words. Greetings by the system are ignored, and a short "Hello" is joined with the user's
 * next message.
 */
function openingOf(utterances: Conversation['utterances'], said: readonly string[]): string | undefined {
  let [opening, words] = ['', 0];
  for (let i = 0; i < utterances.length; i++) {
    if (utterances[i]?.role !== 'user') continue;
    opening = opening === '' ? (said[i] as string) : `${opening} ${said[i]}`;
    words += wordCount(said[i] as string);
    if (words >= shortestOpening) return opening;
  }
  return undefined;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s{2,}|[^\S ]/g, ' ')
    .trim();
}

function fingerprint(text: string): Fingerprint {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, 13), 16);
}
