import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { textUnits, unitPattern } from './text-units.ts';

/** The matches of the published pattern. */
function matched(text: string): { start: number; end: number; attached: boolean }[] {
  return Array.from(text.matchAll(new RegExp(unitPattern, 'gu')), ({ 0: { length }, 1: before, index }) => ({
    start: index,
    end: index + length,
    attached: before !== undefined,
  }));
}

function found(text: string): { start: number; end: number; attached: boolean }[] {
  const { starts, ends, attached } = textUnits(text);
  return starts.map((start, i) => ({ start, end: ends[i]!, attached: attached[i]! }));
}

describe('textUnits', () => {
  it('are the matches of the published pattern, for every ASCII character beside every other', () => {
    for (let a = 0; a < 128; a++)
      for (let b = 0; b < 128; b++) {
        const text = String.fromCharCode(a, b, a, a, b);
        expect(found(text), JSON.stringify(text)).toEqual(matched(text));
      }
  });

  it.each([
    ['ASCII', 'abcXYZ019  \t\n.,!?-_\u007f\0'],
    ['several scripts', 'aé你ひカ한ไ🙂٣\u0301 \u00a0\u2028.x'],
    ['letters alone', 'ab1'],
  ])('are the matches of the published pattern in random texts of %s', (_, alphabet) => {
    const characters = [...alphabet];
    const random = counterRandom(5, alphabet);
    for (let text = 0; text < 300; text++) {
      const spelled = Array.from(
        { length: 80 },
        (_unused, i) => characters[random.below(80 * text + i, characters.length)],
      ).join('');
      expect(found(spelled), JSON.stringify(spelled)).toEqual(matched(spelled));
    }
  });
});
