import { AppError } from '@overture/core';
import type { SparseMatrix } from './sparse-matrix.ts';
import { termNumbers } from './term-numbers.ts';

export interface TfidfOptions {
  /** A term must occur in this many training texts. Default 2. */
  readonly minDocuments?: number;
  /** Count a term's repeats as 1 + ln(count). Default false. */
  readonly sublinear?: boolean;
}

export interface Tfidf {
  /** Terms in order of their column (sorted by code unit). */
  readonly terms: readonly string[];
  /** The training texts, one row each, of length 1 (Euclidean) unless no term is known. */
  readonly features: SparseMatrix;
  /** The same for other texts. */
  transform(texts: readonly string[]): SparseMatrix;
}

/**
 * Term frequency × ln((1 + n) / (1 + n with the term)) + 1, rows scaled to length 1: scikit-learn's `TfidfVectorizer`
 * with `ngram_range=(1, 2)`, `smooth_idf`, `norm='l2'`.
 * @throws AppError `BASELINE_NO_FEATURES`
 */
export function fitTfidf(texts: readonly string[], options: TfidfOptions = {}): Tfidf {
  const { minDocuments = 2, sublinear = false } = options;
  const numbers = termNumbers();
  const documents = texts.map((text) => counted(numbers.learn(text)));
  const documentsWith = new Int32Array(numbers.size());
  for (const document of documents) for (const term of document.keys()) documentsWith[term]++;
  const kept = [...documentsWith.keys()].filter((term) => documentsWith[term] >= minDocuments)
    .map((term) => ({ term, name: numbers.spell(term) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  if (kept.length === 0) {
    throw new AppError(
      'BASELINE_NO_FEATURES',
      `The TF-IDF floor needs words that occur in at least ${minDocuments} training examples. None of the ${texts.length} texts has one: check that the corpus has texts, or lower minDocuments.`,
      { details: { texts: texts.length, minDocuments } },
    );
  }
  const columnOf = new Int32Array(numbers.size()).fill(-1);
  kept.forEach(({ term }, column) => { columnOf[term] = column; });
  const idf = Float64Array.from(kept, ({ term }) => Math.log((1 + texts.length) / (1 + documentsWith[term])) + 1);
  const weigh = (count: number, column: number): number => (sublinear ? 1 + Math.log(count) : count) * idf[column];
  const matrixOf = (counts: readonly Map<number, number>[]): SparseMatrix => toMatrix(counts.map((terms) => unitRow(terms, columnOf, weigh)), kept.length);
  return {
    terms: kept.map(({ name }) => name),
    features: matrixOf(documents),
    transform: (unseen) => matrixOf(unseen.map((text) => counted(numbers.lookUp(text)))),
  };
}

/** Column and value, by column. */
type Row = readonly (readonly [column: number, value: number])[];

function counted(terms: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}

function unitRow(counts: ReadonlyMap<number, number>, columnOf: Int32Array, weigh: (count: number, column: number) => number): Row {
  const entries: [column: number, value: number][] = [];
  for (const [term, count] of counts) {
    const column = columnOf[term];
    if (column >= 0) entries.push([column, weigh(count, column)]);
  }
  entries.sort(([a], [b]) => a - b);
  const length = Math.sqrt(entries.reduce((total, [, value]) => total + value * value, 0));
  return entries.map(([column, value]) => [column, value / length]);
}

function toMatrix(rows: readonly Row[], columns: number): SparseMatrix {
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, r) => { offsets[r + 1] = offsets[r] + row.length; });
  const indices = new Int32Array(offsets[rows.length]);
  const values = new Float64Array(offsets[rows.length]);
  rows.forEach((row, r) => row.forEach(([column, value], k) => {
    indices[offsets[r] + k] = column;
    values[offsets[r] + k] = value;
  }));
  return { rows: rows.length, columns, offsets, indices, values };
}
