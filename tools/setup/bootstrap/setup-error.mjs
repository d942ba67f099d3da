import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Something that a person has to put right; the message says what and how. */
export class SetupError extends Error {}

/** @param {string} text */
export function say(text) {
  process.stderr.write(`overture setup: ${text}\n`);
}
