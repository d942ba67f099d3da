import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  evaluateScores,
  fitTemperature,
  metricNames,
  precisionRecallCurve,
  rocCurve,
  type ClassScores,
  type Confusion,
  type MetricName,
} from './index.ts';

type Expected = Record<MetricName, number | null> & {
  confusion: Confusion;
  initiative: ClassScores;
  noInitiative: ClassScores;
  roc?: [x: number, y: number][];
  precisionRecall?: [x: number, y: number][];
};
interface Case {
  name: string;
  labels: number[];
  probabilities: number[];
  weights?: number[];
  threshold: number;
  temperature: number | null;
  expected: Expected;
}
// Written by tools/reference/metrics.py; the file records versions and seed.
const { cases } = JSON.parse(
  readFileSync(new URL('./reference/scikit-learn.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const tolerance = 1e-9;

/** The distance of a point to the nearest of the others. */
function distanceToNearest([x, y]: [number, number], points: [number, number][]): number {
  return Math.min(...points.map(([px, py]) => Math.max(Math.abs(px - x), Math.abs(py - y))));
}

describe.each(cases)('scores equal scikit-learn on "$name"', (example) => {
  const scores = evaluateScores(example, { threshold: example.threshold, bootstrap: false });

  it.each(metricNames)('%s', (name) => {
    const [ours, theirs] = [scores[name], example.expected[name]];
    if (theirs === null) expect(ours).toBeNull();
    else expect(Math.abs((ours as number) - theirs)).toBeLessThanOrEqual(tolerance);
  });

  it('confusion and classes', () => {
    const close = (ours: object, theirs: object): void => {
      for (const [key, value] of Object.entries(theirs))
        expect(Math.abs((ours as Record<string, number>)[key] - value)).toBeLessThanOrEqual(tolerance);
    };
    close(scores.confusion, example.expected.confusion);
    close(scores.perClass.initiative, example.expected.initiative);
    close(scores.perClass.noInitiative, example.expected.noInitiative);
  });

  it.runIf(example.expected.roc)('ROC corners', () => {
    const theirs = example.expected.roc as [number, number][];
    const ours = rocCurve(example).map((point): [number, number] => [
      point.falsePositiveRate,
      point.truePositiveRate,
    ]);
    expect(ours[0]).toEqual([0, 0]);
    expect(ours.at(-1)).toEqual([1, 1]);
    for (const point of ours) expect(distanceToNearest(point, theirs)).toBeLessThanOrEqual(tolerance);
    // Corners suffice: the trapezoids under them are the whole area.
    const area = ours.slice(1).reduce((sum, [x, y], i) => sum + ((x - ours[i][0]) * (y + ours[i][1])) / 2, 0);
    expect(Math.abs(area - (example.expected.auc as number))).toBeLessThanOrEqual(tolerance);
  });

  it.runIf(example.expected.precisionRecall)('precision-recall points', () => {
    const theirs = example.expected.precisionRecall as [number, number][];
    const ours = precisionRecallCurve(example).map((point): [number, number] => [
      point.recall,
      point.precision,
    ]);
    for (const point of theirs) expect(distanceToNearest(point, ours)).toBeLessThanOrEqual(tolerance);
    for (const point of ours) expect(distanceToNearest(point, theirs)).toBeLessThanOrEqual(tolerance);
  });

  it.runIf(example.temperature !== null)("temperature, to the optimizer's accuracy", () => {
    expect(fitTemperature(example) / (example.temperature as number)).toBeCloseTo(1, 5);
  });
});
