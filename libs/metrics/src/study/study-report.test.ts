import { describe, expect, it } from 'vitest';
import { ensembleProbabilities, evaluateScores, pairedTest, studyReport, type StudyInput } from '../index.ts';
import { drawnStudy } from '../testing/drawn-study.ts';

const bootstrap = { samples: 200, seed: 1 };
const study = drawnStudy(
  [
    { name: 'rule', signal: 0.2, family: 'floor' },
    { name: 'good', signal: 1.5, seeds: [4, 5] },
    { name: 'fair', signal: 0.8, seeds: [4] },
    { name: 'answers', signal: 0.8, hard: true, family: 'text' },
  ],
  {
    conversations: 80,
    seed: 2,
    contrasts: [
      { name: 'goodFair', question: 'Is good better than fair?', better: 'good', than: 'fair' },
      { name: 'bestRule', question: 'Is anything better than the rule?', better: 'best', than: 'rule' },
      { name: 'lateFair', question: 'Is late better than fair?', better: 'late', than: 'fair' },
    ],
    dropped: [{ arm: 'late', reason: 'the budget of 2 hours was used up' }],
    costs: [{ arm: 'good', cpuSeconds: 12 }],
  },
);
const report = studyReport(study, bootstrap);
const scored = {
  labels: [...study.examples, ...study.examples].map(({ label }) => label),
  groups: [...study.examples, ...study.examples].map(({ conversation }) => conversation),
  probabilities: study.arms[1]!.trainings.flatMap(({ probabilities }) => Array.from(probabilities)),
};

describe('an arm of a study', () => {
  it('has the scores and intervals of all its predictions together, as anything that is evaluated', () => {
    const [, good] = report.arms;
    expect(good).toMatchObject(evaluateScores(scored, { bootstrap }));
    expect(good?.tuned).toEqual(
      evaluateScores(scored, {
        bootstrap,
        threshold: [0, 1].flatMap(() => study.examples.map(({ fold }) => 0.46 + 0.03 * fold)),
      }),
    );
  });

  it('tells its trainings apart, and chance in training from chance in conversations', () => {
    const [, good, fair] = report.arms;
    expect(good?.seeds.map(({ seed, n }) => [seed, n])).toEqual([
      [4, study.examples.length],
      [5, study.examples.length],
    ]);
    expect(good?.seedDeviation).toBeCloseTo(
      Math.abs(good!.seeds[0]!.macroF1 - good!.seeds[1]!.macroF1) / Math.SQRT2,
      12,
    );
    expect(fair?.seedDeviation).toBeNull();
    const [low, high] = fair?.ci95?.macroF1 as [number, number];
    expect((high - low) / (2 * 1.96 * fair!.conversationDeviation)).toBeCloseTo(1, 0);
  });

  it('has no scores of probabilities where it only decides', () => {
    const answers = report.arms[3]!;
    expect(answers).toMatchObject({
      auc: null,
      averagePrecision: null,
      brier: null,
      ece: null,
      curves: null,
      seeds: [{ auc: null }],
    });
    expect(answers.ci95).toMatchObject({ auc: null, brier: null });
    expect(answers.macroF1).toBe(
      evaluateScores(
        {
          labels: study.examples.map(({ label }) => label),
          probabilities: study.arms[3]!.trainings[0]!.probabilities,
        },
        { bootstrap: false },
      ).macroF1,
    );
  });
});

describe('a contrast', () => {
  it('is the paired test of the two arms, whatever their numbers of trainings', () => {
    const [goodFair] = report.contrasts;
    const fair = {
      probabilities: [0, 1].flatMap(() => Array.from(study.arms[2]!.trainings[0]!.probabilities)),
    };
    const { macroF1, auc } = pairedTest(scored, [{ probabilities: scored.probabilities }, fair], {
      ...bootstrap,
      metrics: ['macroF1', 'auc'],
    });
    for (const [ours, theirs] of [
      [goodFair!.macroF1, macroF1],
      [goodFair!.auc, auc],
    ] as const) {
      expect(ours.value).toBeCloseTo(theirs.value as number, 12);
      expect(ours.p).toBe(theirs.p);
    }
    expect(goodFair?.mcnemar.map(({ seeds }) => seeds)).toEqual([
      [4, 4],
      [5, 4],
    ]);
    expect(goodFair?.chosenAmong).toBeNull();
  });

  it('with the best is held to a higher standard than if that arm had been named beforehand', () => {
    const [, best] = report.contrasts;
    const named = studyReport(
      { ...study, contrasts: [{ name: 'named', question: '', better: best!.better, than: 'rule' }] },
      bootstrap,
    ).contrasts[0]!;
    expect(best).toMatchObject({ better: 'good', chosenAmong: ['good', 'fair', 'answers'] });
    expect(best?.macroF1.value).toBe(named.macroF1.value);
    const { value, ci95, p } = named.macroF1;
    expect(best?.unadjusted).toEqual({ value, ci95, p });
    expect(named.unadjusted).toBeNull();
    expect(best!.macroF1.ci95![1] - best!.macroF1.ci95![0]).toBeGreaterThan(
      named.macroF1.ci95![1] - named.macroF1.ci95![0],
    );
  });

  it('with an arm that was left out stays unanswered, and is not counted among the tests', () => {
    expect(report.unanswered).toEqual([
      {
        name: 'lateFair',
        question: 'Is late better than fair?',
        reason: 'late was left out: the budget of 2 hours was used up',
      },
    ]);
    expect(report.contrasts).toHaveLength(2);
    const floorsOnly = studyReport(
      { ...study, arms: study.arms.slice(0, 1), contrasts: study.contrasts.slice(1, 2) },
      bootstrap,
    );
    expect(floorsOnly).toMatchObject({
      best: null,
      contrasts: [],
      unanswered: [{ name: 'bestRule', reason: 'there is no arm but floors' }],
    });
  });

  it('of an arm with itself finds nothing', () => {
    const twin = { ...study.arms[2]!, name: 'twin' };
    const { contrasts } = studyReport(
      {
        ...study,
        arms: [study.arms[2]!, twin],
        contrasts: [
          { name: 'same', question: '', better: 'twin', than: 'fair' },
          { name: 'best', question: '', better: 'best', than: 'fair' },
        ],
      },
      bootstrap,
    );
    for (const { macroF1 } of contrasts) expect(macroF1).toMatchObject({ value: 0, ci95: [0, 0], p: 1 });
  });
});

describe('parts of a study', () => {
  const [all, vague] = studyReport(
    {
      ...study,
      slicings: [
        {
          by: 'kind',
          names: ['all', 'vague', 'none'],
          partsOf: study.examples.map(({ label }) => (label === 1 ? ['all', 'vague'] : ['all'])),
        },
      ],
    },
    bootstrap,
  ).slices;

  it('are scored as if they were the whole; those without examples are left out', () => {
    expect(all).toMatchObject({ by: 'kind', name: 'all', examples: study.examples.length });
    expect(all?.arms[1]).toMatchObject({
      arm: 'good',
      macroF1: report.arms[1]!.macroF1,
      ci95: report.arms[1]!.ci95!.macroF1,
      accuracy: report.arms[1]!.accuracy,
    });
    expect(vague?.name).toBe('vague');
  });

  it('of one class have no macro-F1', () => {
    expect(vague?.arms[1]).toMatchObject({
      macroF1: null,
      ci95: null,
      accuracy: report.arms[1]!.perClass.initiative.recall,
      initiativeRecall: report.arms[1]!.perClass.initiative.recall,
    });
  });
});

describe('the cost curve', () => {
  const { needless, alwaysAsk, neverAsk, arms } = report.costCurve;
  const rate = report.initiative / report.examples;
  it('counts errors where both prices are equal', () => {
    const equal = needless.indexOf(0.5);
    expect(arms[1]?.cost[equal]).toBeCloseTo(100 * (1 - report.arms[1]!.accuracy), 9);
    expect([alwaysAsk[equal], neverAsk[equal]].map((cost) => cost!.toFixed(9))).toEqual([
      (100 * (1 - rate)).toFixed(9),
      (100 * rate).toFixed(9),
    ]);
  });

  it('is a straight line for decisions that no price changes', () => {
    const { cost } = arms[3]!;
    for (let i = 2; i < cost.length; i++) expect(cost[i]! - cost[i - 1]!).toBeCloseTo(cost[1]! - cost[0]!, 9);
  });
});

describe('an ensemble', () => {
  it('is where its members decide on average, each member once', () => {
    const two = ensembleProbabilities([
      [{ probabilities: [0.7, 0.3], thresholds: [0.7, 0.3] }],
      [{ probabilities: [0.5, 0.9], thresholds: [0.5, 0.5] }],
    ]);
    expect(two[0]).toBeCloseTo(0.5, 12);
    expect(two[1]).toBeCloseTo(0.75, 12); // odds: the square root of 9
    const once = { probabilities: [0.2], thresholds: [0.5] };
    const twice = { probabilities: [0.8], thresholds: [0.5] };
    expect(ensembleProbabilities([[once, once, once], [twice]])[0]).toBeCloseTo(0.5, 12);
  });

  it('lets nobody outvote the others by being sure', () => {
    const sure = { probabilities: [0], thresholds: [0.5] };
    const likely = { probabilities: [0.99], thresholds: [0.5] };
    expect(ensembleProbabilities([[sure], [likely], [likely]])[0]).toBeGreaterThan(0.5);
  });
});

describe('a study that cannot be reported', () => {
  const refuse = (changes: Partial<StudyInput>): unknown => {
    try {
      return studyReport({ ...study, ...changes });
    } catch (thrown) {
      return thrown;
    }
  };
  it('says all that is wrong at once', () => {
    const [first] = study.arms;
    const thrown = refuse({
      arms: [
        first!,
        { ...first!, trainings: [{ seed: 3, probabilities: [0.5], thresholds: [0.5] }] },
        { ...first!, name: 'empty', trainings: [] },
      ],
      contrasts: [{ name: 'odd', question: '', better: 'best', than: 'nobody' }],
      dropped: [],
    });
    expect(thrown).toMatchObject({ code: 'STUDY_INVALID', retryable: false });
    expect((thrown as Error).message).toBe(
      `A study cannot be reported: the name of an arm must be its own and not "best", got rule again; empty must have predictions, got none; rule must say something about each of ${study.examples.length} examples, got 1 under seed 3; contrast odd must be between arms of the study, got nobody.`,
    );
  });
});
