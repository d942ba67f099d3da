import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  evaluateScores,
  holm,
  mcnemar,
  studyReport,
  type StudyExample,
  type StudyTraining,
  type TestedDifference,
} from '../index.ts';

type Number = 'macroF1' | 'tunedMacroF1' | 'auc' | 'initiativeRecall';
type ArmName = 'floor' | 'first' | 'second';
interface Reference {
  holm: { p: number[]; holm: number[] }[];
  mcnemar: { onlyFirst: number; onlySecond: number; p: number }[];
  study: {
    examples: StudyExample[];
    arms: Record<ArmName, StudyTraining[]>;
    counts: number[][];
    expected: {
      arms: Record<ArmName, Record<Number, { value: number; ci95: [number, number] }>>;
      'first - second': Record<Number, TestedDifference>;
      best: string;
      'best - floor': Record<Number, TestedDifference>;
      scipy: { 'macroF1 of first': [number, number] };
    };
  };
}
// Written by tools/reference/statistics.py with statsmodels, scikit-learn and scipy; the file records
// versions and seed.
const reference = JSON.parse(
  readFileSync(new URL('../reference/statistics.json', import.meta.url), 'utf8'),
) as Reference;
const tolerance = 1e-9;

const close = (ours: unknown, theirs: readonly (number | null)[] | null): void => {
  expect(theirs).not.toBeNull();
  for (const [i, value] of (theirs ?? []).entries())
    expect(Math.abs((ours as number[])[i] - (value as number))).toBeLessThanOrEqual(tolerance);
};

describe('equal to statsmodels', () => {
  it.each(reference.holm)('holm of $p', ({ p, holm: corrected }) => close(holm(p), corrected));

  it('holm leaves out what was not tested', () => {
    expect(holm([0.02, null, 0.04])).toEqual([0.04, null, 0.04]);
    expect(holm([])).toEqual([]);
  });

  it.each(reference.mcnemar)('mcnemar of $onlyFirst against $onlySecond', ({ onlyFirst, onlySecond, p }) => {
    const rows = [
      ...Array<[number, number]>(onlyFirst).fill([1, 0]),
      ...Array<[number, number]>(onlySecond).fill([0, 1]),
      [1, 1] as const,
      [0, 0] as const,
    ];
    const ours = mcnemar(
      rows.map(() => 1),
      rows.map(([first]) => first),
      rows.map(([, second]) => second),
    );
    expect(ours).toMatchObject({ onlyFirst, onlySecond });
    expect(ours.p / p).toBeCloseTo(1, 9);
  });
});

describe('a study on the resamples of the reference', () => {
  const { examples, arms, counts, expected } = reference.study;
  const report = studyReport(
    {
      corpus: 'drawn',
      protocol: 'cikm23',
      tagSet: 'cikm23-5',
      examples,
      arms: Object.entries(arms).map(([name, trainings]) => ({
        name,
        title: name,
        family: name === 'floor' ? 'floor' : 'encoder',
        hard: false,
        trainings,
      })),
      contrasts: [
        { name: 'planned', question: 'Is first better?', better: 'first', than: 'second' },
        { name: 'best', question: 'Is anything better?', better: 'best', than: 'floor' },
      ],
    },
    { resamples: counts.map((each) => Uint16Array.from(each)) },
  );

  it.each(Object.entries(expected.arms))(
    'has the scores and intervals of scikit-learn and NumPy: %s',
    (name, { macroF1, tunedMacroF1, auc, initiativeRecall }) => {
      const arm = report.arms.find((each) => each.name === name)!;
      close(
        [arm.macroF1, arm.tuned.macroF1, arm.auc, arm.perClass.initiative.recall],
        [macroF1.value, tunedMacroF1.value, auc.value, initiativeRecall.value],
      );
      close(arm.ci95?.macroF1, macroF1.ci95);
      close(arm.tuned.ci95?.macroF1, tunedMacroF1.ci95);
      close(arm.ci95?.auc, auc.ci95);
      close(arm.ci95?.perClass.initiative.recall, initiativeRecall.ci95);
    },
  );

  const [planned, best] = report.contrasts;
  it.each([
    ['planned', planned, expected['first - second']],
    ['best', best, expected['best - floor']],
  ] as const)('has the differences, intervals and p-values: %s', (_name, ours, theirs) => {
    for (const number of ['macroF1', 'tunedMacroF1', 'auc', 'initiativeRecall'] as const) {
      close([ours![number].value, ours![number].p], [theirs[number].value, theirs[number].p]);
      close(ours![number].ci95, theirs[number].ci95);
    }
  });

  it('chooses the best among the arms that are no floors, and says so', () => {
    expect(best).toMatchObject({ better: expected.best, chosenAmong: ['first', 'second'] });
    expect(report.best).toBe(expected.best);
    close(
      report.contrasts.map(({ macroF1 }) => macroF1.holm),
      holm(report.contrasts.map(({ macroF1 }) => macroF1.p)),
    );
  });

  it('agrees with scipy, which resamples by itself, up to chance', () => {
    const labels = examples.map(({ label }) => label);
    const { ci95 } = evaluateScores(
      {
        labels: [...labels, ...labels],
        probabilities: arms.first.flatMap(({ probabilities }) => Array.from(probabilities)),
        groups: [...examples, ...examples].map(({ conversation }) => conversation),
      },
      { bootstrap: { samples: 9999, seed: 3 } },
    );
    expected.scipy['macroF1 of first'].forEach((end, i) =>
      expect(Math.abs((ci95?.macroF1?.[i] as number) - end)).toBeLessThan(0.01),
    );
  });
});
