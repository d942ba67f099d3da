import { AppError } from '@overture/core';
import { rowBuilder } from './row-builder.ts';
import { scaleToUnitRows, type SparseMatrix } from './sparse-matrix.ts';
import { termNumbers } from './term-numbers.ts';

/** Which terms are used, and how they are counted. */
export interface TfidfOptions {
  /** Minimum number of training texts that contain a term. Default 2. */
  readonly minDocuments?: number;
  /** Count repeats of a term as 1 + ln(count). Default false. */
  readonly sublinear?: boolean;
}

/** TF-IDF vectors of training texts, and the vectorizer for other texts. */
export interface Tfidf {
  /** The term of a column. Frequent terms come first. */
  term(column: number): string;
  /** The training texts, one row each, of length 1 (Euclidean) unless the text has no known term. */
  readonly features: SparseMatrix;
  /** The vectors of other texts. */
  transform(texts: Iterable<string>): SparseMatrix;
}

/**
 * Term frequency × ln((1 + n) / (1 + n with the term)) + 1, rows scaled to length 1: scikit-learn's
 * `TfidfVectorizer` with `ngram_range=(1, 2)`, `smooth_idf`, `norm='l2'`.
 * @throws AppError `BASELINE_NO_FEATURES`
 */
export function fitTfidf(
  texts: Iterable<string>,
  { minDocuments = 2, sublinear = false }: TfidfOptions = {},
): Tfidf {
  const numbers = termNumbers();
  const documents = rowBuilder();
  for (const text of texts) documents.add(numbers.learn(text));
  const documentsWith = documents.rowsWith(numbers.limit());
  const { columnOf, columns } = columnsByFrequency(documentsWith, minDocuments);
  if (columns === 0) {
    throw new AppError(
      'BASELINE_NO_FEATURES',
      `The TF-IDF baseline needs words that occur in at least ${minDocuments} training examples. None of the ${documents.rows()} texts has one: check that the corpus has texts, or lower minDocuments.`,
      { details: { texts: documents.rows(), minDocuments } },
    );
  }
  const [termOf, idf] = [new Int32Array(columns), new Float64Array(columns)];
  columnOf.forEach((column, term) => {
    if (column < 0) return;
    termOf[column] = term;
    idf[column] = Math.log((1 + documents.rows()) / (1 + documentsWith[term]!)) + 1;
  });
  const weigh = (count: number, column: number): number =>
    (sublinear ? 1 + Math.log(count) : count) * idf[column]!;
  return {
    term: (column) => numbers.spell(termOf[column]!),
    features: scaleToUnitRows(documents.take(columnOf, columns, weigh)),
    transform(unseen) {
      const rows = rowBuilder();
      for (const text of unseen) rows.add(numbers.lookUp(text));
      return scaleToUnitRows(rows.take(columnOf, columns, weigh));
    },
  };
}

/**
 * A column for each sufficiently frequent term, most frequent first. Products with a matrix then find most of
 * their data close together in memory, which makes them several times as fast as in alphabetical order.
 */
function columnsByFrequency(
  documentsWith: Int32Array,
  minDocuments: number,
): { readonly columnOf: Int32Array; readonly columns: number } {
  const kept = Int32Array.from(documentsWith.keys()).filter((term) => documentsWith[term]! >= minDocuments);
  // Ties stay in order of their numbers, because sorting is stable.
  kept.sort((a, b) => documentsWith[b]! - documentsWith[a]!);
  const columnOf = new Int32Array(documentsWith.length).fill(-1);
  kept.forEach((term, column) => {
    columnOf[term] = column;
  });
  return { columnOf, columns: kept.length };
}
