import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { AppError } from './app-error.ts';
import type { Digest } from './brand.ts';
import { canonicalJson } from './canonical-json.ts';

const pattern = /^sha256:[0-9a-f]{64}$/;

/** SHA-256 of bytes, or of a string's UTF-8. Pure JavaScript, so that it also runs in Temporal's workflow sandbox. */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content))}` as Digest;
}

/** SHA-256 of a value's canonical JSON: equal values have equal digests, whatever the order of their keys. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}

export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** @throws AppError `DIGEST_MALFORMED` */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new AppError('DIGEST_MALFORMED', `A digest must be "sha256:" and 64 hexadecimal digits. Got ${JSON.stringify(text.slice(0, 100))} instead.`);
}

/** The first twelve hexadecimal digits, for people. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
