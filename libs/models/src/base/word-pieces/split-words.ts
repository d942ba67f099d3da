/**
 * Splits a text as BERT's normalizer and pre-tokenizer do: lower case, accents and control characters
 * removed, CJK characters and punctuation separated (Devlin et al. 2019, BasicTokenizer).
 */
export function splitWords(text: string): string[] {
  const stripped = text
    .replaceAll(/[\u0000\ufffd]/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '');
  const cleaned = stripped.replaceAll(/[\t\n\r]/g, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
  return cleaned
    .replaceAll(isolated, ' $& ')
    .split(/\s+/u)
    .filter((word) => word !== '');
}

// BERT treats all ASCII symbols as punctuation. The ranges are its CJK blocks.
const isolated =
  /[!-/:-@[-`{-~]|\p{P}|[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/gu;
