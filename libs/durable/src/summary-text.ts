/** Temporal's limit for a summary, in bytes. */
const limit = 200;

/** Cuts a text at a character boundary to fit into the summary of an activity or a timer. */
export function summaryText(text: string): string {
  const characters = [...text];
  // JSON adds two quotes.
  while (new TextEncoder().encode(characters.join('')).length > limit - 2) characters.pop();
  return characters.join('');
}
