import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { AppError } from './app-error.ts';
import type { Digest } from './brand.ts';
import { canonicalJson } from './canonical-json.ts';

const pattern = /^sha256:[0-9a-f]{64}$/;

/**
 * The SHA-256 digest of bytes, or of a string's UTF-8. Pure JavaScript, so it also runs in Temporal's
 * workflow sandbox.
 */
export function digestOf(content: Uint8Array | string): Digest {
  return `sha256:${bytesToHex(sha256(typeof content === 'string' ? utf8ToBytes(content) : content))}` as Digest;
}

/**
 * The SHA-256 digest of a value's canonical JSON. Equal values have equal digests, regardless of key order.
 * @throws AppError `JSON_NOT_CANONICAL` if the value is not plain JSON data.
 */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}

/** Whether a string has the form of a digest. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/**
 * Returns the string as a `Digest`.
 * @throws AppError `DIGEST_MALFORMED` if it does not have the form of a digest.
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new AppError(
    'DIGEST_MALFORMED',
    `A digest must be "sha256:" and 64 hexadecimal digits. Got ${JSON.stringify(text.slice(0, 100))} instead.`,
  );
}

/** The first twelve hexadecimal digits of a digest, for display. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12);
}
