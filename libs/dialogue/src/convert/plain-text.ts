import { compile } from 'html-to-text';

/**
 * Drops link targets and images, which do not help a dialogue model. Link texts stay, and code and lists keep
 * their lines.
 */
const convert = compile({
  wordwrap: false,
  selectors: [
    { selector: 'a', options: { ignoreHref: true } },
    { selector: 'img', format: 'skip' },
    { selector: 'h1', options: { uppercase: false } },
    { selector: 'h2', options: { uppercase: false } },
    { selector: 'h3', options: { uppercase: false } },
    { selector: 'h4', options: { uppercase: false } },
    { selector: 'table', options: { uppercaseHeaderCells: false } },
  ],
});

/** HTML as plain text: entities are decoded, tags removed, and blank lines and outer spaces trimmed. */
export function plainTextOfHtml(html: string): string {
  return convert(html)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Detects the tags and entities that editors and mail programs write, not every `<` or `&`. */
export function hasHtml(text: string): boolean {
  return (
    (text.includes('<') &&
      /<\/?(a|b|blockquote|br|code|div|em|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|table|td|tr|u|ul)(\s[^<>]*)?\/?>/i.test(
        text,
      )) ||
    (text.includes('&') && /&(amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[\da-f]{2,6});/i.test(text))
  );
}
