import { createHash } from 'node:crypto';
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
export function fingerprintsOf(conversation: Conversation): Fingerprints {
  const hash = createHash('sha256');
  let opening: string | undefined;
  for (const { role, text } of conversation.utterances) {
    const said = plain(text);
    opening ??= said;
    hash.update(`${role}\u0000${said}\u0000`);
  }
  const telling = opening !== undefined && wordCount(opening) >= shortestOpening;
  return {
    whole: number(hash.digest()),
    ...(telling && {
      opening: number(
        createHash('sha256')
          .update(opening as string)
          .digest(),
      ),
    }),
  };
}

function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

function number(digest: Buffer): Fingerprint {
  return digest.readUIntBE(0, 6) * 16 + ((digest[6] as number) >> 4);
}
