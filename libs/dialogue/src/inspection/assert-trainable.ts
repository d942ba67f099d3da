import { corpusErrors, type CorpusErrorCode, type CorpusFault } from '../reading/problem-log.ts';
import type { CorpusProblemKind, CorpusSummary } from './corpus-summary.ts';
import { trainedOn } from './split-problems.ts';

const codes: Readonly<Partial<Record<CorpusProblemKind, CorpusErrorCode>>> = {
  'duplicate-id': 'CORPUS_DUPLICATE_ID',
  'no-examples': 'CORPUS_NO_EXAMPLES',
  'one-class': 'CORPUS_ONE_CLASS',
};

/**
 * Checks that a model can be trained on the corpus.
 * @throws AppError `CORPUS_NO_EXAMPLES`, `CORPUS_ONE_CLASS`, `CORPUS_DUPLICATE_ID`, or `CORPUS_INVALID` for
 * several
 */
export function assertTrainable(summary: CorpusSummary): void {
  const faults: CorpusFault[] = [];
  for (const name of trainedOn) {
    if (summary.splits.some((split) => split.name === name)) continue;
    const message = `Training needs the splits ${trainedOn.join(' and ')}, and no conversation is in ${name}: the corpus has ${summary.total.conversations}. Add conversations, or name the splits.`;
    faults.push({ code: 'CORPUS_NO_EXAMPLES', file: summary.path, key: `split ${name}`, message });
  }
  for (const problem of summary.problems) {
    if (problem.severity !== 'error') continue;
    const samples = problem.kind === 'duplicate-id' ? ` The first: ${problem.samples.join(', ')}.` : '';
    faults.push({
      code: codes[problem.kind] ?? 'CORPUS_INVALID',
      file: summary.path,
      message: problem.message + samples,
    });
  }
  if (faults.length > 0) throw corpusErrors(faults);
}
