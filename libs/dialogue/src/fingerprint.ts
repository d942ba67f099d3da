import { hash } from 'node:crypto';
import type { Conversation } from './conversation.ts';
import { wordCount } from './word-count.ts';

/** 52 bits of SHA-256: two of a million conversations collide with probability 1e-4, and a number takes little memory. */
export type Fingerprint = number;

export interface Fingerprints {
  /** What is said and by whom, whatever the case, the white space, the id and the tags. */
  readonly whole: Fingerprint;
  /** The first utterance alone; undefined when it is short enough to coincide by chance. */
  readonly opening?: Fingerprint;
}

const shortestOpening = 8; // words

/** What tells copies of a conversation. */
export function fingerprintsOf({ utterances }: Conversation): Fingerprints {
  const said = utterances.map(({ text }) => plain(text));
  const [opening = ''] = said;
  const whole = fingerprint(utterances.map(({ role }, i) => `${role}\u0000${said[i]}\u0000`).join(''));
  return wordCount(opening) < shortestOpening ? { whole } : { whole, opening: fingerprint(opening) };
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
