import type { ExampleInput } from '@overture/dialogue';
import type { Baseline } from '../baseline.ts';
import { fitLogisticRegression, type LogisticRegressionOptions } from '../learning/logistic-regression.ts';
import { markedText } from '../text/marked-text.ts';
import type { SparseMatrix } from '../text/sparse-matrix.ts';
import { fitTfidf, type Tfidf, type TfidfOptions } from '../text/tfidf.ts';

/** The name, the title, and the options of TF-IDF and logistic regression. */
export interface TfidfLogisticRegressionOptions extends TfidfOptions, Pick<LogisticRegressionOptions, 'inversePenalty' | 'classWeight' | 'fitIntercept' | 'tolerance'> {
  readonly name: string;
  readonly title: string;
}

/** A linear model on the words and word pairs of the history, with markers for speakers and positions. */
export function tfidfLogisticRegression({ name, title, ...options }: TfidfLogisticRegressionOptions): Baseline {
  return {
    name,
    title,
    fit(examples, onProgress) {
      const vectors = vectorsOf(examples, options);
      const model = fitLogisticRegression(vectors.tfidf.features, examples.map(({ label }) => label), { ...options, onProgress });
      return (unseen) => model.predict(vectors.of(unseen));
    },
  };
}

interface Vectors {
  readonly tfidf: Tfidf;
  of(examples: readonly ExampleInput[]): SparseMatrix;
}

/**
 * Vectors by their list of examples, while the list is in use. Baselines that differ only in class weights
 * share them.
 */
const known = new WeakMap<readonly ExampleInput[], Map<string, Vectors>>();

function vectorsOf(train: readonly ExampleInput[], { minDocuments, sublinear }: TfidfOptions): Vectors {
  const key = JSON.stringify([minDocuments, sublinear]);
  const found = known.get(train)?.get(key);
  if (found !== undefined) return found;
  const tfidf = fitTfidf(texts(train), { minDocuments, sublinear });
  const transformed = new WeakMap<readonly ExampleInput[], SparseMatrix>();
  const vectors: Vectors = {
    tfidf,
    of(examples) {
      const matrix = transformed.get(examples) ?? tfidf.transform(texts(examples));
      transformed.set(examples, matrix);
      return matrix;
    },
  };
  known.set(train, (known.get(train) ?? new Map<string, Vectors>()).set(key, vectors));
  return vectors;
}

/** One text at a time: together they can be several times as large as the corpus. */
function* texts(examples: readonly ExampleInput[]): Generator<string> {
  for (const example of examples) yield markedText(example);
}
