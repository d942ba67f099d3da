import type { Example, Turn } from '@overture/dialogue';
import { describe, expect, it } from 'vitest';
import { baselineTable, baselinePredictions, tfidfLogisticRegression } from './index.ts';
import { markedText } from './text/marked-text.ts';

function turn(role: Turn['role'], text: string): Turn {
  return { role, text, tags: [], labeled: true };
}

/** Conversations in which the system asks back whenever the user says "broken". */
function examples(count: number): Example[] {
  return Array.from({ length: count }, (_, i) => {
    const broken = i % 3 === 0;
    const history = [
      turn('user', broken ? 'my screen is broken' : 'my screen is dark'),
      turn('system', 'hello there'),
      turn('user', `case ${i % 5}`),
    ];
    const later = i % 2;
    return {
      id: `c${i}#${later}`,
      conversationId: `c${i}`,
      history: later ? history : history.slice(0, 1),
      systemTurn: later,
      label: broken ? 1 : 0,
      tags: [],
    };
  });
}

describe('floorPredictions', () => {
  const train = examples(60);
  const baselines = new Map(
    baselinePredictions(train, train.slice(0, 12)).map(({ name, probabilities }) => [
      name,
      Array.from(probabilities),
    ]),
  );

  it('has one entry per baseline of the table, with one probability per example', () => {
    expect([...baselines.keys()]).toEqual(baselineTable.map((baseline) => baseline.name));
    for (const probabilities of baselines.values()) {
      expect(probabilities).toHaveLength(12);
      expect(probabilities.every((p) => p >= 0 && p <= 1)).toBe(true);
    }
  });

  it('always says no, and says yes to first turns', () => {
    expect(new Set(baselines.get('alwaysNo'))).toEqual(new Set([0]));
    expect(baselines.get('firstTurnRule')?.slice(0, 4)).toEqual([1, 0, 1, 0]);
  });

  it('learns the word that decides', () => {
    baselines.get('tfidfBalanced')?.forEach((p, i) => expect(p > 0.5).toBe(i % 3 === 0));
  });

  it('raises the rarer class by balanced weights', () => {
    const mean = (name: string): number => (baselines.get(name) ?? []).reduce((sum, p) => sum + p, 0) / 12;
    expect(mean('tfidfBalanced')).toBeGreaterThan(mean('tfidfUnweighted') + 0.03);
  });

  it('gives the same numbers twice', () => {
    expect(baselinePredictions(train, train.slice(0, 12)).map(({ probabilities }) => probabilities)).toEqual([
      ...baselines.values(),
    ]);
  });

  it('gives balanced weights the same numbers when no unweighted fit is asked for', () => {
    const [copy, balanced] = [[...train], baselineTable.filter(({ name }) => name === 'tfidfBalanced')];
    expect(baselinePredictions(copy, train.slice(0, 12), { baselines: balanced })[0]!.probabilities).toEqual(
      baselines.get('tfidfBalanced'),
    );
    const reversed = baselinePredictions([...train], train.slice(0, 12), {
      baselines: baselineTable.toReversed(),
    });
    for (const { name, probabilities } of reversed) expect(probabilities).toEqual(baselines.get(name));
  });

  it('tells which baseline it fits and how much is done, from the start on', () => {
    const told: [string, number][] = [];
    baselinePredictions(train, train, { onProgress: (title, share) => told.push([title, share]) });
    expect(told[0]).toEqual(['always "no"', 0]);
    expect(new Set(told.map(([title]) => title)).size).toBe(baselineTable.length);
    told.forEach(([, share], i) => expect(share).toBeGreaterThanOrEqual(told[i - 1]?.[1] ?? 0));
    expect(told.at(-1)![1]).toBeGreaterThan(0.75);
  });

  it('reads neither labels nor tags of the examples it is asked about', () => {
    const flipped = train
      .slice(0, 12)
      .map((example) => ({ ...example, label: 1 as const, tags: ['OQ' as const] }));
    expect(baselinePredictions(train, flipped).map(({ probabilities }) => probabilities)).toEqual([
      ...baselines.values(),
    ]);
  });

  it('refuses to learn from nothing, from one class, or without words, and says what to do', () => {
    const [, , unweighted] = baselineTable;
    const oneClass = train.map((example) => ({ ...example, label: 0 as const }));
    expect(() => baselinePredictions([], train)).toThrow(
      'Baselines must be fitted on at least one training example. Got none: check that the corpus has a train split with labeled system turns.',
    );
    expect(() => baselinePredictions(oneClass, train, { baselines: [unweighted!] })).toThrow(
      'Logistic regression must see both classes. All 60 training examples are "no initiative": check the corpus\'s tags and the tag set.',
    );
    const picky = tfidfLogisticRegression({ name: 'picky', title: 'picky', minDocuments: 1000 });
    expect(() => baselinePredictions(train, train, { baselines: [picky] })).toThrow(
      'The TF-IDF baseline needs words that occur in at least 1000 training examples.',
    );
  });
});

describe('markedText', () => {
  it('marks which system turn is due, who speaks and where', () => {
    expect(markedText(examples(2)[1]!)).toBe(
      'due_1 due_1 user_speaks user_at_0 my screen is dark system_speaks system_at_1 hello there user_speaks user_at_2 case 1',
    );
  });
});
