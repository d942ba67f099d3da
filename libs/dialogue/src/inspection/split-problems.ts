import type { SplitName } from '../conversation.ts';
import type { CorpusProblem, CorpusSummary, SplitSummary } from './corpus-summary.ts';
import { isWeak } from '../labeling/label-source.ts';
import { weakLabelsText } from '../labeling/weak-labels-text.ts';
import { assumedMaxLength } from './token-estimate.ts';

/** The splits that training requires. */
export const trainedOn: readonly SplitName[] = ['train', 'valid'];

/**
 * With fewer examples of a class in the validation split, the best epoch and the threshold depend on single
 * examples.
 */
const enoughOfAClass = 20;

/**
 * Problems of splits with no examples, one class only, or too few examples of a class. They are errors if
 * training is impossible.
 */
export function splitProblems(
  splits: readonly SplitSummary[],
  splitBy: CorpusSummary['splitBy'],
): CorpusProblem[] {
  return splits.flatMap(({ name, examples, initiative }): CorpusProblem[] => {
    const severity = trainedOn.includes(name) ? 'error' : 'warning';
    if (examples === 0) {
      const message = `The split ${name} must have an example: a labeled system turn with a user turn before it. Label its system turns, or choose another protocol.`;
      return [{ kind: 'no-examples', severity, count: 1, message, samples: [name] }];
    }
    if (initiative === 0 || initiative === examples) {
      const message = `The split ${name} must have examples with and without initiative. All ${examples} are ${initiative === 0 ? 'without' : 'with'}: check the labels and the tag set.`;
      return [{ kind: 'one-class', severity, count: 1, message, samples: [name] }];
    }
    if (name !== 'valid' || Math.min(initiative, examples - initiative) >= enoughOfAClass) return [];
    const advice =
      splitBy === 'given'
        ? 'Move conversations from train to valid'
        : 'Set a larger share aside (--set corpus.split.valid=0.2)';
    const message = `The split valid has ${examples} examples, ${initiative} with initiative. The epoch and the threshold are chosen on it, and with fewer than ${enoughOfAClass} of a class chance decides. ${advice}, or add conversations.`;
    return [{ kind: 'few-of-a-class', severity: 'warning', count: 1, message, samples: [] }];
  });
}

/** A problem if labels come from a rule: the model then learns and is measured on that rule. */
export function weakLabelProblems({
  examples,
  labelSources,
}: Pick<SplitSummary, 'examples' | 'labelSources'>): CorpusProblem[] {
  const text = weakLabelsText(labelSources, examples);
  if (text === undefined) return [];
  const count = Object.entries(labelSources).reduce((sum, [source, n]) => sum + (isWeak(source) ? n : 0), 0);
  const message = `The labels are ${text}. Scores measure agreement with the rule, not with people: label some turns yourself to know (overture corpus label).`;
  return [{ kind: 'weak-labels', severity: 'warning', count, message, samples: [] }];
}

/** A problem if histories will probably be truncated by a training with default settings. */
export function truncationProblems({
  examples,
  probablyTruncated: count,
}: Pick<SplitSummary, 'examples' | 'probablyTruncated'>): CorpusProblem[] {
  if (count === 0) return [];
  const share = Math.max(0.1, (100 * count) / examples).toFixed(1);
  const message = `About ${share} % of the examples (an estimate from their characters) are longer than the ${assumedMaxLength} tokens of a default training. Of these, a model reads the opening question and the latest turns. --set training.maxLength raises the limit.`;
  return [
    { kind: 'truncated', severity: count > examples / 10 ? 'warning' : 'note', count, message, samples: [] },
  ];
}
