/** Temporal keeps 200 bytes of a summary. */
const limit = 200;

/** A text cut to what fits in the summary of an activity or a timer, at the end of a character. */
export function summaryText(text: string): string {
  const characters = [...text];
  // JSON adds two quotes.
  while (new TextEncoder().encode(characters.join('')).length > limit - 2) characters.pop();
  return characters.join('');
}
