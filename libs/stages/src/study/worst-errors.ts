import { dialogueTagTitles } from '@overture/dialogue';
import type { StudyError } from '@overture/report';
import type { ExpectedExample } from '../complete-predictions.ts';
import type { StudiedArm } from './study-arms.ts';

const shown = 20;

/**
 * The most confident wrong decisions of an arm at 0.5, by its mean probability over seeds. Ties keep the
 * corpus order.
 */
export function worstErrors({ trainings }: StudiedArm, examples: readonly ExpectedExample[]): StudyError[] {
  return examples
    .map((example, i) => ({
      example,
      probability: trainings.reduce((sum, { lines }) => sum + lines[i]!.probability, 0) / trainings.length,
    }))
    .filter(({ example: { label }, probability }) => Number(probability >= 0.5) !== label)
    .sort((a, b) => Math.abs(b.probability - b.example.label) - Math.abs(a.probability - a.example.label))
    .slice(0, shown)
    .map(({ example: { id, label, fold, history, tags }, probability }) => ({
      exampleId: id,
      label,
      probability,
      fold,
      dialogue: history.map(({ role, text }) => ({ role, text })),
      did: tags.map((tag) => dialogueTagTitles[tag]).join(', '),
    }));
}
