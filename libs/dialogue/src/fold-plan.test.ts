import { describe, expect, it } from 'vitest';
import { fingerprintsOf } from './fingerprint.ts';
import { planFolds, splitInFold, type FoldMember } from './fold-plan.ts';

const member = (
  i: number,
  labels: readonly (0 | 1)[],
  text = `The printer of room ${i} has stopped working since the last update`,
): FoldMember => ({
  id: `c${i}`,
  labels,
  fingerprints: fingerprintsOf({ id: `c${i}`, utterances: [{ role: 'user', text }] }),
});
/** Every fifth conversation has one positive of three examples. */
const members = Array.from({ length: 100 }, (_, i) =>
  member(i, i % 5 === 0 ? [0, 1, 0] : ([0, 0, 0].slice(0, 1 + (i % 3)) as 0[])),
);
const count = (places: readonly { fold: number; id: string }[], fold: number, label: 0 | 1): number =>
  places
    .flatMap(({ fold: own }, i) => (own === fold ? members[i]!.labels : []))
    .filter((each) => each === label).length;

describe('planFolds', () => {
  const places = planFolds(members, { folds: 5, innerFolds: 4, seed: 3 });

  it('evaluates every conversation once, in folds that are alike in both classes', () => {
    expect(places.map(({ id }) => id)).toEqual(members.map(({ id }) => id));
    expect([0, 1, 2, 3, 4].map((fold) => count(places, fold, 1))).toEqual([4, 4, 4, 4, 4]);
    const negatives = [0, 1, 2, 3, 4].map((fold) => count(places, fold, 0));
    expect(Math.max(...negatives) - Math.min(...negatives)).toBeLessThanOrEqual(2);
  });

  it('takes inner validation from the training conversations, never from those that are evaluated', () => {
    for (const place of places) expect(place.validIn).not.toContain(place.fold);
    for (const fold of [0, 1, 2, 3, 4]) {
      const valid = places.filter((place) => splitInFold(place, fold) === 'valid').length;
      expect(valid).toBeGreaterThanOrEqual(16);
      expect(valid).toBeLessThanOrEqual(24);
    }
  });

  it('depends on the seed and on what is said, not on the order', () => {
    const byId = (dealt: typeof places): Map<string, unknown> =>
      new Map(dealt.map((place) => [place.id, place]));
    expect(byId(planFolds([...members].reverse(), { folds: 5, innerFolds: 4, seed: 3 }))).toEqual(
      byId(places),
    );
    expect(planFolds(members, { folds: 5, innerFolds: 4, seed: 4 })).not.toEqual(places);
  });

  it('keeps conversations together that open alike', () => {
    const twins = members.flatMap((each, i) => [each, { ...each, id: `copy-${i}` }]);
    const dealt = planFolds(twins);
    for (let i = 0; i < dealt.length; i += 2)
      expect({ ...dealt[i], id: '' }).toEqual({ ...dealt[i + 1], id: '' });
  });

  it('says beforehand what a small corpus lacks', () => {
    expect(() => planFolds(members.slice(0, 3))).toThrow(
      'Folds need at least one conversation each. Got 3 different conversations for 5 parts: ask for fewer folds',
    );
    expect(() => planFolds(members.slice(0, 20), { folds: 5, innerFolds: 2 })).toThrow(
      /Every part of every fold must have examples of both classes\. Got: fold \d has 0 examples with initiative and \d+ without in its (evaluation|inner validation) part/,
    );
  });
});
