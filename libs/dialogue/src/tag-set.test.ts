import { expect, it } from 'vitest';
import { resolveTagSet } from './tag-set.ts';

it('knows the presets, of 5 and of 7 tags', () => {
  expect(resolveTagSet()).toEqual({ name: 'cikm23-5', tags: ['OQ', 'RQ', 'CQ', 'FQ', 'IR'] });
  expect(resolveTagSet('poster-7').tags).toHaveLength(7);
});

it('names a list after the preset it equals, else after its tags in the order of the table', () => {
  expect(resolveTagSet(['IR', 'FQ', 'CQ', 'RQ', 'OQ', 'OQ']).name).toBe('cikm23-5');
  expect(resolveTagSet(['IR', 'CQ'])).toEqual({ name: 'CQ+IR', tags: ['CQ', 'IR'] });
});

it('refuses unknown presets, unknown tags and nothing at all, and says what there is', () => {
  const expected =
    'A tag set must be one of cikm23-5, poster-7, or a list of tags out of OQ, RQ, CQ, FD, FQ, IR, PA, PF, NF, GG, JK, O.';
  expect(() => resolveTagSet('poster')).toThrow(`${expected} Got "poster" instead.`);
  expect(() => resolveTagSet(['CQ', 'XX', 'cq'])).toThrow(`${expected} Got the unknown tags "XX", "cq".`);
  expect(() => resolveTagSet([])).toThrow(`${expected} Got an empty list instead.`);
});
