/**
 * The character for each byte in byte-level vocabularies (Radford et al. 2019): printable Latin-1 characters
 * represent themselves, the other bytes are numbered from U+0100.
 */
export const byteAlphabet: readonly string[] = characters();

function characters(): string[] {
  let next = 0x100;
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** Encodes a text in that alphabet, one character per UTF-8 byte. */
export function inByteAlphabet(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => byteAlphabet[byte]).join('');
}
