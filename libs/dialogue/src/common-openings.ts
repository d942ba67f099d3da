import type { Fingerprint, Fingerprints } from './fingerprint.ts';

/** An opening shared by more than this share of the conversations does not identify a conversation. */
export const commonShare = 0.1;
/**
 * In a small corpus, up to this many conversations with one opening can still be copies, unless they are most
 * of it.
 */
const fewCopies = 10;

/**
 * Counts openings, to distinguish those that identify a conversation from those written by a form or a menu.
 */
export class OpeningCounts {
  readonly #counts = new Map<Fingerprint, number>();
  #conversations = 0;

  add({ opening }: Fingerprints): void {
    this.#conversations++;
    if (opening !== undefined) this.#counts.set(opening, (this.#counts.get(opening) ?? 0) + 1);
  }

  /**
   * Whether an opening is too frequent to indicate a copy: more than half of the conversations have it, or
   * more than a tenth of a larger corpus.
   */
  isCommon(opening: Fingerprint): boolean {
    const count = this.#counts.get(opening) ?? 0;
    if (count <= 2) return false;
    return (
      count > this.#conversations / 2 || (count > fewCopies && count > commonShare * this.#conversations)
    );
  }

  /**
   * The key shared by conversations that must stay together: the opening if it identifies them, or else the
   * whole text.
   */
  identityOf({ opening, whole }: Fingerprints): Fingerprint {
    return opening === undefined || this.isCommon(opening) ? whole : opening;
  }
}
