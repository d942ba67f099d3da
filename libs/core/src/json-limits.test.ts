import { describe, expect, it } from 'vitest';
import { jsonLimitProblem } from './index.ts';

const limits = { bytes: 1_000_000, depth: 100 };
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('jsonLimitProblem', () => {
  it('accepts ordinary values', () => {
    for (const value of [
      null,
      true,
      7,
      'text',
      [],
      {},
      { a: [{ b: 'c' }] },
      nested(100),
      'x'.repeat(999_000),
    ])
      expect(jsonLimitProblem(value, limits)).toBeUndefined();
  });

  it.each([
    ['a long text', 'x'.repeat(1_000_001), 'is larger than 1,000 kB'],
    ['a long key', { ['k'.repeat(1_000_001)]: 1 }, 'is larger than 1,000 kB'],
    ['many members', Array<number>(300_000).fill(0), 'is larger than 1,000 kB'],
    ['many empty lists', Array.from({ length: 600_000 }, () => []), 'is larger than 1,000 kB'],
    ['101 levels', nested(101), 'is nested more than 100 levels deep'],
    ['10,000 levels', { a: nested(10_000) }, 'is nested more than 100 levels deep'],
    ['a prototype', JSON.parse('{"a": [{"__proto__": {}}]}') as unknown, 'has the key "__proto__"'],
  ])('refuses %s', (_, value, problem) => {
    expect(jsonLimitProblem(value, limits)).toContain(problem);
  });
});
