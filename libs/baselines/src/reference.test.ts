import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fitLogisticRegression, type LogisticRegressionOptions } from './learning/logistic-regression.ts';
import { fitTfidf, type TfidfOptions } from './text/tfidf.ts';

interface Reference {
  train: string[];
  labels: number[];
  test: string[];
  cases: (Required<TfidfOptions & LogisticRegressionOptions> & {
    terms: number;
    firstRow: [term: string, value: number][];
    objective: number;
    probabilities: number[];
  })[];
}
// Written by tools/reference/baselines.py; the file records versions and seed.
const { train, labels, test, cases } = JSON.parse(
  readFileSync(new URL('./reference/scikit-learn.json', import.meta.url), 'utf8'),
) as Reference;

describe.each(cases)(
  'TF-IDF and logistic regression equal scikit-learn: C $inversePenalty, weights $classWeight, sublinear $sublinear',
  (options) => {
    const tfidf = fitTfidf(train, options);
    const { features } = tfidf;

    it('the same terms and values', () => {
      expect(features.columns).toBe(options.terms);
      const row = new Map(
        Array.from({ length: features.offsets[1] }, (_, k) => [
          tfidf.term(features.indices[k]),
          features.values[k],
        ]),
      );
      expect(row.size).toBe(options.firstRow.length);
      for (const [term, value] of options.firstRow) expect(row.get(term)).toBeCloseTo(value, 12);
    });

    it('gives training texts the same rows when they come again', () => {
      expect(tfidf.transform(train)).toEqual(features);
    });

    it('the same value of the objective, to a millionth', () => {
      const { objective } = fitLogisticRegression(features, labels, options);
      expect(Math.abs(objective / options.objective - 1)).toBeLessThan(1e-6);
    });

    it('the same probabilities to 1e-5', () => {
      const probabilities = fitLogisticRegression(features, labels, options).predict(tfidf.transform(test));
      options.probabilities.forEach((theirs, i) =>
        expect(Math.abs(probabilities[i] - theirs)).toBeLessThan(1e-5),
      );
    });
  },
);
