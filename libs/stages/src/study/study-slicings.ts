import {
  dialogueTags,
  dialogueTagTitles,
  wordCount,
  type DialogueTag,
  type Example,
} from '@overture/dialogue';
import { turnSliceName, type Slicing } from '@overture/metrics';

/**
 * The ways in which a study's examples are divided: by properties known before the system turn, and by the
 * system's actual move.
 */
export function studySlicings(examples: readonly Example[]): Slicing[] {
  const turns = examples.map(({ systemTurn }) => turnSliceName(systemTurn));
  return [
    { by: 'system turn', names: [...new Set(turns)].sort(), partsOf: turns.map((turn) => [turn]) },
    byLength(examples),
    byTag(
      'what the user did last',
      examples.map(({ history }) => history.findLast(({ role }) => role === 'user')?.tags ?? []),
    ),
    byTag(
      'what the system did',
      examples.map(({ tags }) => tags),
    ),
  ].filter(({ names }) => names.length > 0);
}

/** Quarters of the examples by the number of words in the history. */
function byLength(examples: readonly Example[]): Slicing {
  const words = examples.map(({ history }) => history.reduce((sum, { text }) => sum + wordCount(text), 0));
  const sorted = [...words].sort((a, b) => a - b);
  const ends = [
    ...new Set([0.25, 0.5, 0.75, 1].map((share) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0)),
  ];
  const names = ends.map((end, i) => `${i === 0 ? 0 : (ends[i - 1] as number) + 1} to ${end}`);
  return {
    by: 'words of the history',
    names,
    partsOf: words.map((count) => [names[ends.findIndex((end) => count <= end)] as string]),
  };
}

function byTag(by: string, tags: readonly (readonly DialogueTag[])[]): Slicing {
  const names = dialogueTags
    .filter((tag) => tags.some((each) => each.includes(tag)))
    .map((tag) => dialogueTagTitles[tag]);
  return { by, names, partsOf: tags.map((each) => each.map((tag) => dialogueTagTitles[tag])) };
}
