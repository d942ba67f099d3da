import type { Baseline } from '../baseline.ts';
import { fitLogisticRegression, type LogisticRegressionOptions } from '../learning/logistic-regression.ts';
import { fitTfidf, type TfidfOptions } from '../text/tfidf.ts';
import { markedText } from '../text/marked-text.ts';

export interface TfidfLogisticRegressionOptions extends TfidfOptions, LogisticRegressionOptions {
  readonly name: string;
  readonly title: string;
}

/** A linear model over the words and word pairs of the history, with marks for who spoke when. */
export function tfidfLogisticRegression({ name, title, ...options }: TfidfLogisticRegressionOptions): Baseline {
  return {
    name,
    title,
    fit(examples) {
      const tfidf = fitTfidf(examples.map(markedText), options);
      const model = fitLogisticRegression(tfidf.features, examples.map(({ label }) => label), options);
      return (unseen) => model.predict(tfidf.transform(unseen.map(markedText)));
    },
  };
}
