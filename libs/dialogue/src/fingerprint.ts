import { hash } from 'node:crypto';
import type { Conversation } from './conversation.ts';
import { wordCount } from './word-count.ts';

/** 52 bits of SHA-256: two of a million conversations collide with probability 1e-4, and a number takes little memory. */
export type Fingerprint = number;

export interface Fingerprints {
  /** What is said and by whom, whatever the case, the white space, the id and the tags. */
  readonly whole: Fingerprint;
  /** What the user says first, as far as it takes to tell; undefined when that is short enough to coincide by chance. */
  readonly opening?: Fingerprint;
}

const shortestOpening = 8; // words

/** Splits, folds and inspection all need them: they are computed once, and go with the conversation. */
const known = new WeakMap<Conversation['utterances'], Fingerprints>();

/** What tells copies of a conversation. */
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

/** The user's first words: greetings of the system say nothing, and a short "Hello" is read together with what the user says next. */
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
