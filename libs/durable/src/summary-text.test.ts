import { expect, it } from 'vitest';
import { summaryText } from './summary-text.ts';

it('cuts a summary to 200 bytes of JSON, at the end of a character', () => {
  expect(summaryText('Read the corpus')).toBe('Read the corpus');
  const cut = summaryText('Größe '.repeat(60));
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(200);
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeGreaterThan(196);
  expect(cut).not.toContain('\uFFFD');
});
