/**
 * Shortens a text to at most `bytes` bytes of UTF-8. It cuts at a character boundary and appends how much was
 * cut: `abc… (12,345 more characters)`. Replaces unpaired surrogates, which UTF-8 cannot encode. Characters
 * are counted as UTF-16 code units.
 */
export function shorten(text: string, bytes: number): string {
  const cut = cutAt(text, bytes);
  if (cut === text.length) return text.toWellFormed();
  // The ending counts toward the limit. `ending(0)` has its maximum length, and `…` takes 2 bytes more than
  // its one code unit.
  const ending = (kept: number): string =>
    `… (${(text.length - kept).toLocaleString('en-US')} more characters)`;
  const kept = cutAt(text, Math.max(0, bytes - ending(0).length - 2));
  return `${text.slice(0, kept).toWellFormed()}${ending(kept)}`;
}

/** Shortens a text to at most `bytes` bytes and quotes it as JSON, for the middle of a sentence. */
export function quoted(text: string, bytes = 80): string {
  return JSON.stringify(shorten(text, bytes));
}

/**
 * Returns the first sentences of a list, up to `most` sentences and about `bytes` bytes. If any are left out,
 * the last one says how many of `total`: `And 7,990 more.`
 */
export function capList(
  sentences: readonly string[],
  {
    most = 10,
    bytes = 2_000,
    total = sentences.length,
  }: { readonly most?: number; readonly bytes?: number; readonly total?: number } = {},
): string[] {
  const kept: string[] = [];
  let left = bytes;
  for (const sentence of sentences.slice(0, most)) {
    const short = shorten(sentence, Math.floor(bytes / 2));
    left -= short.length;
    if (kept.length > 0 && left < 0) break;
    kept.push(short);
  }
  const more = total - kept.length;
  return more > 0 ? [...kept, `And ${more.toLocaleString('en-US')} more.`] : kept;
}

/** Joins at most `most` names for the middle of a sentence: `a, b and 7,990 more`. */
export function listNames(names: readonly string[], most = 30): string {
  const more = names.length - most;
  const shown = names.slice(0, most).map((name) => shorten(name, 100));
  return `${shown.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en-US')} more` : ''}`;
}

/**
 * The number of UTF-16 code units of a text that fit into `bytes` bytes of UTF-8. Never splits a surrogate
 * pair.
 */
function cutAt(text: string, bytes: number): number {
  if (text.length * 3 <= bytes) return text.length;
  let size = 0;
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at)!;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    if (size > bytes) return at;
    at += point < 0x10000 ? 1 : 2;
  }
  return text.length;
}
