import { expect, it } from 'vitest';
import { commonBeginning } from './common-beginning.ts';

it('commonBeginning leaves every sequence a token of its own', () => {
  expect(
    commonBeginning([
      [1, 2, 3, 4],
      [1, 2, 5],
    ]),
  ).toBe(2);
  expect(
    commonBeginning([
      [1, 2, 3],
      [1, 2],
    ]),
  ).toBe(1);
  expect(commonBeginning([[1, 2, 3]])).toBe(2);
  expect(commonBeginning([[1], [1]])).toBe(0);
});
