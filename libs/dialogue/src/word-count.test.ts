import { expect, it } from 'vitest';
import { wordCount } from './word-count.ts';

it('counts as a regular expression does, for all white space', () => {
  for (const text of [
    '',
    ' ',
    'a',
    ' a  b\tc\n',
    'a\u00a0b\u2003c\ufeffd',
    'é ñ\u000bü \u{1f600} ok\u2028',
  ]) {
    expect(wordCount(text)).toBe(text.match(/\S+/g)?.length ?? 0);
  }
});
