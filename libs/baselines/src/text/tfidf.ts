import { AppError } from '@overture/core';
import { ngrams } from './ngrams.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

export interface TfidfOptions {
  /** A term must occur in this many training texts. Default 2. */
  readonly minDocuments?: number;
  /** Count a term's repeats as 1 + ln(count). Default false. */
  readonly sublinear?: boolean;
}

export interface Tfidf {
  /** Terms in order of their column (sorted by code unit). */
  readonly terms: readonly string[];
  /** texts → one row each, of length 1 (Euclidean) unless no term is known. */
  transform(texts: readonly string[]): SparseMatrix;
}

/**
 * Term frequency × ln((1 + n) / (1 + n with the term)) + 1, rows scaled to length 1: scikit-learn's `TfidfVectorizer`
 * with `ngram_range=(1, 2)`, `smooth_idf`, `norm='l2'`.
 * @throws AppError `BASELINE_NO_FEATURES`
 */
export function fitTfidf(texts: readonly string[], options: TfidfOptions = {}): Tfidf {
  const { minDocuments = 2, sublinear = false } = options;
  const documents = new Map<string, number>();
  for (const text of texts) for (const term of new Set(ngrams(text))) documents.set(term, (documents.get(term) ?? 0) + 1);
  const terms = [...documents.keys()].filter((term) => (documents.get(term) as number) >= minDocuments).sort();
  if (terms.length === 0) {
    throw new AppError(
      'BASELINE_NO_FEATURES',
      `The TF-IDF floor needs words that occur in at least ${minDocuments} training examples. None of the ${texts.length} texts has one: check that the corpus has texts, or lower minDocuments.`,
      { details: { texts: texts.length, minDocuments } },
    );
  }
  const columnOf = new Map(terms.map((term, column) => [term, column]));
  const idf = Float64Array.from(terms, (term) => Math.log((1 + texts.length) / (1 + (documents.get(term) as number))) + 1);
  const weigh = (count: number, column: number): number => (sublinear ? 1 + Math.log(count) : count) * idf[column];
  return {
    terms,
    transform: (unseen) => toMatrix(unseen.map((text) => unitRow(countTerms(text, columnOf), weigh)), terms.length),
  };
}

/** Column and value, by column. */
type Row = readonly (readonly [column: number, value: number])[];

function countTerms(text: string, columnOf: ReadonlyMap<string, number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const term of ngrams(text)) {
    const column = columnOf.get(term);
    if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}

function unitRow(counts: ReadonlyMap<number, number>, weigh: (count: number, column: number) => number): Row {
  const entries = [...counts].sort(([a], [b]) => a - b).map(([column, count]) => [column, weigh(count, column)] as const);
  const length = Math.sqrt(entries.reduce((total, [, value]) => total + value * value, 0));
  return entries.map(([column, value]) => [column, value / length] as const);
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
