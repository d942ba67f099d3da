import type { SplitName } from '../conversation.ts';
import type { CorpusProblem, SplitSummary } from './corpus-summary.ts';

/** Splits that training cannot do without. */
export const trainedOn: readonly SplitName[] = ['train', 'valid'];

/** Splits without an example or with one class only: errors where training needs the split. */
export function splitProblems(splits: readonly SplitSummary[]): CorpusProblem[] {
  return splits.flatMap(({ name, examples, initiative }): CorpusProblem[] => {
    const severity = trainedOn.includes(name) ? 'error' : 'warning';
    if (examples === 0) {
      const message = `The split ${name} must have an example: a labelled system turn with a user turn before it. Label its system turns, or choose another protocol.`;
      return [{ kind: 'no-examples', severity, count: 1, message, samples: [name] }];
    }
    if (initiative > 0 && initiative < examples) return [];
    const message = `The split ${name} must have examples with and without initiative. All ${examples} are ${initiative === 0 ? 'without' : 'with'}: check the labels and the tag set.`;
    return [{ kind: 'one-class', severity, count: 1, message, samples: [name] }];
  });
}
