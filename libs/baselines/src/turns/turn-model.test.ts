import { resolveTagSet, type Turn } from '@overture/dialogue';
import { evaluateScores } from '@overture/metrics';
import { counterRandom } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { historyFeatures, textFeatures, type TurnView } from './turn-features.ts';
import { fitTurnModel, type LabeledView, type TurnFeatures } from './turn-model.ts';

const tagSet = resolveTagSet('cikm23-5');
const view = (vector: readonly number[], { words = 3, questions = false } = {}): TurnView => ({
  vector: Float32Array.from(vector),
  words,
  questions,
});
const turn = (role: Turn['role'], text: string, initiative?: boolean): Turn => ({
  role,
  text,
  tags: [],
  labeled: initiative !== undefined,
  initiative,
});

/**
 * Conversations of two system turns. The second asks if and only if the first did not. The first number of a
 * turn's vector tells whether it asks.
 */
function alternating(count: number, seed: number): LabeledView[] {
  return Array.from({ length: count }, (_, c) => {
    const random = counterRandom(seed, 'alternating', c);
    const asked = random.below(0, 2) === 1;
    const noise = (i: number): number => 0.3 * random.normal(i);
    const history = [
      turn('user', 'it broke'),
      turn('system', asked ? 'which one' : 'restart it', asked),
      turn('user', 'still'),
    ];
    const views = [
      view([noise(2), noise(3), 1]),
      view([asked ? 1 : -1, noise(4), 0]),
      view([noise(5), noise(6), 1]),
    ];
    return {
      id: `c${c}#1`,
      conversationId: `c${c}`,
      systemTurn: 1,
      history,
      views,
      label: asked ? 0 : 1,
      tags: [],
    } satisfies LabeledView;
  });
}

const auc = (examples: readonly LabeledView[], probabilities: ArrayLike<number>) =>
  evaluateScores({ labels: examples.map(({ label }) => label), probabilities }, { bootstrap: false }).auc!;

describe('fitTurnModel', () => {
  const [train, unseen] = [alternating(120, 1), alternating(200, 2)];

  it('sees in the history who asked before, and in the last turn alone does not', async () => {
    const aucOf = async (features: TurnFeatures) =>
      auc(unseen, (await fitTurnModel(train, { features, tagSet, seed: 0 })).predict(unseen));
    expect(await aucOf('history')).toBeGreaterThan(0.95);
    expect(await aucOf('text')).toBeLessThan(0.65);
  });

  it('does not look at the labels of what it predicts, nor at those of turns it has not learned from', async () => {
    const { predict } = await fitTurnModel(train, { features: 'history', tagSet, seed: 0 });
    const turned = unseen.map((example) => ({
      ...example,
      label: (1 - example.label) as 0 | 1,
      history: example.history.map((each) => ({
        ...each,
        initiative: each.initiative === undefined ? undefined : !each.initiative,
      })),
    }));
    expect(predict(turned)).toEqual(predict(unseen));
  });

  it('gives the same for the same seed', async () => {
    const of = async (seed: number): Promise<Float64Array> =>
      (await fitTurnModel(train, { features: 'history', tagSet, seed })).predict(unseen);
    expect(await of(3)).toEqual(await of(3));
  });

  it('does without system turns that ask', async () => {
    const flat = train.map((example) => ({
      ...example,
      history: example.history.map((each) =>
        each.role === 'system' ? { ...each, initiative: false } : each,
      ),
    }));
    expect(
      (await fitTurnModel(flat, { features: 'history', tagSet, seed: 0 }))
        .predict(unseen)
        .every(Number.isFinite),
    ).toBe(true);
  });

  it('needs both classes', async () => {
    await expect(
      fitTurnModel(
        train.map((example) => ({ ...example, label: 0 })),
        { features: 'text', tagSet, seed: 0 },
      ),
    ).rejects.toThrow('must see both classes');
  });
});

describe('features', () => {
  const history = [
    turn('system', 'hello'),
    turn('user', 'it broke'),
    turn('system', 'which'),
    turn('user', 'this'),
  ];
  const views = [
    view([0, 0]),
    view([1, 0], { words: 2 }),
    view([0, 1]),
    view([0.6, 0.8], { words: 1, questions: true }),
  ];

  it('of texts: the first turn of the user, the last one, and the position', () => {
    expect(textFeatures({ history, views, systemTurn: 2 })).toEqual([
      1,
      0,
      Math.fround(0.6),
      Math.fround(0.8),
      0,
      Math.log1p(2),
      0.4,
    ]);
  });

  it('of histories: the last turn of the system, whether it and others asked, and how long ago', () => {
    const features = historyFeatures({ history, views, systemTurn: 2 }, (each) =>
      each === views[0] ? 0.9 : 0.1,
    );
    expect(features.slice(7)).toEqual([
      0,
      1,
      0,
      0.1,
      0.5,
      0.9,
      2 / 3,
      Math.log1p(1) / 3,
      Math.log1p(2) / 3,
      Math.log1p(9) / 3,
      1,
    ]);
    const first = historyFeatures(
      { history: history.slice(1, 2), views: views.slice(1, 2), systemTurn: 0 },
      () => 1,
    );
    expect(first.slice(7)).toEqual([
      0,
      0,
      1,
      0.4,
      0.4,
      0.4,
      0,
      Math.log1p(2) / 3,
      Math.log1p(2) / 3,
      Math.log1p(2) / 3,
      0,
    ]);
  });
});
