import type { Fingerprint, Fingerprints } from './fingerprint.ts';

/** Openings of at least this share of the conversations say nothing about which conversation it is. */
export const commonShare = 0.1;
/** So many conversations with one opening can still be copies in a small corpus, unless they are most of it. */
const fewCopies = 10;

/** Counts openings, to tell those that identify a conversation from those that a form or a menu wrote. */
export class OpeningCounts {
  readonly #counts = new Map<Fingerprint, number>();
  #conversations = 0;

  add({ opening }: Fingerprints): void {
    this.#conversations++;
    if (opening !== undefined) this.#counts.set(opening, (this.#counts.get(opening) ?? 0) + 1);
  }

  /** Whether so many conversations open like this that it is no sign of a copy: most of them, or over a tenth of a larger corpus. */
  isCommon(opening: Fingerprint): boolean {
    const count = this.#counts.get(opening) ?? 0;
    if (count <= 2) return false;
    return count > this.#conversations / 2 || (count > fewCopies && count > commonShare * this.#conversations);
  }

  /** What conversations that must stay together have in common: the opening where it identifies, else all that is said. */
  identityOf({ opening, whole }: Fingerprints): Fingerprint {
    return opening === undefined || this.isCommon(opening) ? whole : opening;
  }
}
