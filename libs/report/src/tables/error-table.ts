import { scoreText } from '../number-text.ts';
import type { Table } from '../table.ts';
import type { WorstError } from '../worst-error.ts';

/** The most confident wrong decisions. */
export function errorTable(errors: readonly WorstError[]): Table {
  const withText = errors.some((error) => error.excerpt !== undefined);
  return {
    caption: 'Confident and wrong',
    columns: [
      { name: 'Example' },
      { name: 'truth' },
      { name: 'P(initiative)', numeric: true },
      ...(withText ? [{ name: 'end of the history' }] : []),
    ],
    rows: errors.map(({ exampleId, label, probability, excerpt }) => [
      exampleId,
      label === 1 ? 'initiative' : 'no initiative',
      scoreText(probability),
      ...(withText ? [excerpt ?? ''] : []),
    ]),
  };
}
