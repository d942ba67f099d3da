import { compile } from 'html-to-text';

/** Links and images add nothing that a model of dialogue reads; code and lists keep their lines. */
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

/** HTML as plain text: entities decoded, tags gone, blank lines and spaces at the ends removed. */
export function plainTextOfHtml(html: string): string {
  return convert(html)
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Tags that editors and mail programs write, and entities; not every use of `<` or `&`. */
export function hasHtml(text: string): boolean {
  return (
    (text.includes('<') &&
      /<\/?(a|b|blockquote|br|code|div|em|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|table|td|tr|u|ul)(\s[^<>]*)?\/?>/i.test(text)) ||
    (text.includes('&') && /&(amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[\da-f]{2,6});/i.test(text))
  );
}
