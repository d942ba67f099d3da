import { describe, expect, it } from 'vitest';
import {
  crossValidationReport,
  evaluateScores,
  evaluationReport,
  pairedTest,
  type OutOfFoldPrediction,
} from './index.ts';
import { randomScores } from './random-scores.fixture.ts';

const bootstrap = { samples: 200, seed: 1 };
const { labels, probabilities } = randomScores(120, 5);
/** Forty conversations of three turns, in four folds, under two seeds. */
const predictions = [7, 8].flatMap((seed) =>
  labels.map((label, i): OutOfFoldPrediction => ({
    conversation: `c${Math.floor(i / 3)}`,
    turn: i % 3,
    label: label as 0 | 1,
    probability: seed === 7 ? probabilities[i]! : Math.min(1, probabilities[i]! * 1.1),
    threshold: [0.3, 0.5, 0.6, 0.45][Math.floor(i / 3) % 4]!,
    fold: Math.floor(i / 3) % 4,
    seed,
  })),
);
const baselines = [
  { name: 'half', title: 'A coin', probabilities: predictions.map((_, i) => ((i * 7) % 10) / 10) },
];
const report = crossValidationReport(
  { corpus: 'forum', protocol: 'cikm23', tagSet: 'cikm23-5', provenance: {}, predictions, floors: baselines },
  bootstrap,
);

describe('crossValidationReport', () => {
  it('pools: its scores are those of the concatenated predictions, resampled by conversation', () => {
    const concatenated = {
      labels: predictions.map(({ label }) => label),
      probabilities: predictions.map(({ probability }) => probability),
      groups: predictions.map(({ conversation }) => conversation),
    };
    expect(report).toMatchObject(evaluateScores(concatenated, { bootstrap }));
    expect(report.bootstrap.groups).toBe(40);
    expect(report.split).toBe('out of fold');
    expect(report.alsoUsedFor).toEqual([]);
    const { floors: plain } = evaluationReport(
      {
        ...concatenated,
        corpus: '',
        protocol: '',
        tagSet: '',
        split: '',
        systemTurns: predictions.map(() => 0),
        floors: baselines,
      },
      bootstrap,
    );
    expect(report.floors).toEqual(plain);
  });

  it('decides each example at the threshold of its own fold', () => {
    const right = predictions.filter(
      ({ probability, threshold, label }) => Number(probability >= threshold) === label,
    ).length;
    expect(report.threshold.accuracy).toBeCloseTo(right / predictions.length, 12);
    expect(report.threshold.auc).toBe(report.auc);
    expect(report.threshold.value).toBeCloseTo((0.3 + 0.5 + 0.6 + 0.45) / 4, 12);
  });

  it('tells seeds and folds apart', () => {
    expect(report.crossValidation.seeds.map(({ seed, n }) => [seed, n])).toEqual([
      [7, 120],
      [8, 120],
    ]);
    expect(
      report.crossValidation.folds.map(({ seed, fold, n, threshold }) => [seed, fold, n, threshold]),
    ).toEqual(
      [7, 8].flatMap((seed) => [0.3, 0.5, 0.6, 0.45].map((threshold, fold) => [seed, fold, 30, threshold])),
    );
    const first = predictions.filter(({ seed }) => seed === 7);
    expect(report.crossValidation.seeds[0]?.macroF1).toBe(
      evaluateScores(
        {
          labels: first.map(({ label }) => label),
          probabilities: first.map(({ probability }) => probability),
        },
        { bootstrap: false },
      ).macroF1,
    );
  });

  it('tests against floors on the same resamples', () => {
    const [test] = report.crossValidation.tests;
    expect(test).toMatchObject({
      name: 'half',
      title: 'A coin',
      macroF1: report.floors[0]!.margin.macroF1,
      auc: report.floors[0]!.margin.auc,
    });
    expect(test?.mcnemar.map(({ seed }) => seed)).toEqual([7, 8]);
  });
});

describe('pairedTest', () => {
  const groups = labels.map((_, i) => `c${Math.floor(i / 3)}`);
  it('finds no difference between a model and itself, and one from a coin', () => {
    const perfect = { probabilities: labels.map((label) => 0.1 + 0.8 * label) };
    const same = pairedTest({ labels, groups }, [perfect, perfect], { ...bootstrap, metrics: ['macroF1'] });
    expect(same.macroF1).toEqual({ value: 0, ci95: [0, 0], p: 1 });
    const coin = { probabilities: labels.map((_, i) => ((i * 7) % 10) / 10) };
    const { macroF1 } = pairedTest({ labels, groups }, [perfect, coin], {
      ...bootstrap,
      metrics: ['macroF1'],
    });
    expect(macroF1.p).toBeCloseTo(2 / 201, 12);
    expect(macroF1.ci95![0]).toBeGreaterThan(0);
  });

  it('agrees with its interval about what is significant', () => {
    const noisy = { probabilities: probabilities.map((p, i) => (p + ((i * 13) % 10) / 10) / 2) };
    const { macroF1, auc } = pairedTest({ labels, groups }, [{ probabilities }, noisy], {
      samples: 1000,
      metrics: ['macroF1', 'auc'],
    });
    for (const { ci95, p } of [macroF1, auc]) expect(p! < 0.05).toBe(ci95![0] > 0 || ci95![1] < 0);
  });
});
