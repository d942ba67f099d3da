/** Files of a study's report that other studies take arms from: its numbers, what each arm took, and what it said, JSON Lines under gzip. */
export const studyFile = 'study.json';
export const costsFile = 'costs.json';
export const predictionsFile = 'predictions.jsonl.gz';

/** Under what provenance names them. */
export const originText = { corpus: 'corpus as ingested', folds: 'folds as drawn' } as const;
