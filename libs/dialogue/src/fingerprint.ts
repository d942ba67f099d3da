import { createHash } from 'node:crypto';
import type { Conversation } from './conversation.ts';

/** 52 bits of SHA-256: two of a million conversations collide with probability 1e-4, and a number takes little memory. */
export type Fingerprint = number;

/** What is said and by whom, whatever the case, the white space, the id and the tags. */
export function fingerprintOf(conversation: Conversation): Fingerprint {
  const hash = createHash('sha256');
  for (const { role, text } of conversation.utterances) hash.update(`${role}\u0000${plain(text)}\u0000`);
  return number(hash.digest());
}

/** The first utterance alone, or undefined when it says less than `minimumWords` words. */
export function openingFingerprintOf(conversation: Conversation, minimumWords: number): Fingerprint | undefined {
  const text = plain(conversation.utterances[0]?.text ?? '');
  if (text.split(' ').length < minimumWords) return undefined;
  return number(createHash('sha256').update(text).digest());
}

function plain(text: string): string {
  return text.toLowerCase().replace(/\s+/g, ' ').trim();
}

function number(digest: Buffer): Fingerprint {
  return digest.readUIntBE(0, 6) * 16 + ((digest[6] as number) >> 4);
}
