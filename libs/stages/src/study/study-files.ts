/** A study report's numbers, in a file from which other studies can reuse arms. */
export const studyFile = 'study.json';
/** The cost of each arm, beside the report. */
export const costsFile = 'costs.json';
/** The predictions of the arms, beside the report: gzipped JSON Lines. */
export const predictionsFile = 'predictions.jsonl.gz';

/** The provenance labels of the two digests. */
export const originText = { corpus: 'corpus as ingested', folds: 'folds as drawn' } as const;
