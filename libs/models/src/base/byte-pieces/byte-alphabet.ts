/**
 * The character that stands for each byte in byte-level vocabularies (Radford et al. 2019): printable Latin-1 for itself, the others
 * in their order from U+0100 on.
 */
export const byteAlphabet: readonly string[] = characters();

function characters(): string[] {
  let next = 0x100;
  const printable = (byte: number): boolean => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** A text in that alphabet, one character a byte of its UTF-8. */
export function inByteAlphabet(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byteAlphabet[byte]).join('');
}
