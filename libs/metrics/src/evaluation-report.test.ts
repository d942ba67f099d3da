import { canonicalJson } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { evaluateScores, evaluationReport, type EvaluationInput, type EvaluationReport } from './index.ts';
import { randomScores } from './random-scores.fixture.ts';

const examples = randomScores(300, 21);
const input: EvaluationInput = {
  ...examples,
  corpus: 'forum',
  protocol: 'cikm23',
  tagSet: 'cikm23-5',
  split: 'valid',
  systemTurns: examples.labels.map((_, i) => i % 6),
  threshold: { value: 0.4, tunedOn: 'valid' },
  floors: [
    { name: 'alwaysNo', probabilities: examples.labels.map(() => 0) },
    { name: 'itself', probabilities: examples.probabilities },
  ],
  alsoUsedFor: ['checkpoint', 'threshold'],
  provenance: { run: 'r1' },
};
const bootstrap = { samples: 200, seed: 1 };
const report: EvaluationReport = evaluationReport(input, bootstrap);

describe('evaluationReport', () => {
  it('has at top level the scores at 0.5, and under threshold those at the tuned one', () => {
    expect(report).toMatchObject(evaluateScores(examples, { bootstrap }));
    expect(report.threshold).toEqual({
      value: 0.4,
      tunedOn: 'valid',
      ...evaluateScores(examples, { threshold: 0.4, bootstrap }),
    });
    expect(report.threshold.confusion).not.toEqual(report.confusion);
  });

  it('says so when no threshold was tuned', () => {
    expect(evaluationReport({ ...input, threshold: undefined }, bootstrap).threshold).toMatchObject({
      value: 0.5,
      tunedOn: null,
      macroF1: report.macroF1,
    });
  });

  it('scores floors on the same examples, with paired margins', () => {
    const [alwaysNo, itself] = report.floors;
    expect(alwaysNo).toMatchObject({ name: 'alwaysNo', auc: 0.5, perClass: { initiative: { recall: 0 } } });
    expect(alwaysNo?.margin.macroF1.value).toBeCloseTo(report.macroF1 - alwaysNo!.macroF1, 12);
    expect(itself?.margin.macroF1).toEqual({ value: 0, ci95: [0, 0] });
  });

  it('divides by system turn, 4 and later together, and loses no example', () => {
    expect(report.slices.map((slice) => slice.name)).toEqual(['1', '2', '3', '4+']);
    expect(report.slices.map((slice) => slice.n)).toEqual([50, 50, 50, 150]);
  });

  it('is plain JSON that says the same when read back', () => {
    expect(JSON.parse(canonicalJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('keeps plots small', () => {
    const many = randomScores(3000, 5);
    const spread = { ...many, probabilities: many.probabilities.map((p, i) => p * 0.9 + i * 1e-5) };
    const { curves } = evaluationReport(
      { ...input, ...spread, systemTurns: many.labels.map(() => 0), floors: [] },
      { samples: 1 },
    );
    expect(curves.roc.length).toBeLessThanOrEqual(200);
    expect(curves.precisionRecall).toHaveLength(200);
    expect(curves.roc[0]).toEqual({ threshold: null, falsePositiveRate: 0, truePositiveRate: 0 });
    expect(curves.roc.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
    expect(curves.calibration.reduce((n, bin) => n + bin.n, 0)).toBe(3000);
  });

  it('copes with one class', () => {
    const { auc, ci95, curves, slices } = evaluationReport(
      { ...input, labels: examples.labels.map(() => 0), floors: [] },
      bootstrap,
    );
    expect([auc, ci95?.auc, ci95?.averagePrecision, curves.roc, curves.precisionRecall]).toEqual([
      null,
      null,
      null,
      [],
      [],
    ]);
    expect(slices.every((slice) => slice.auc === null)).toBe(true);
  });

  it('refuses turns that are not one per example', () => {
    expect(() => evaluationReport({ ...input, systemTurns: [0] }, bootstrap)).toThrow(
      'systemTurns must be as many as labels (300). Got 1 instead.',
    );
  });

  it('is fast enough: 5 models, 4 slices, 2,000 resamples', () => {
    // Processor time, because other programs may use the machine too; 1 s on an ordinary machine.
    const start = process.cpuUsage();
    evaluationReport(input);
    expect(process.cpuUsage(start).user / 1e6).toBeLessThan(60);
  });
});
