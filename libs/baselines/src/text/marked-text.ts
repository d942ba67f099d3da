import type { ExampleInput } from '@overture/dialogue';

/** Later system turns share one marker, because they are rare. */
const lastOrdinal = 3;

/**
 * A history as one text with markers as separate words. They tell which system turn is to be predicted
 * (twice, as the strongest cue), and before each turn who speaks and at which position. Word pairs include
 * markers.
 */
export function markedText({ history, systemTurn }: ExampleInput): string {
  const due = `due_${Math.min(systemTurn, lastOrdinal)}`;
  return [
    due,
    due,
    ...history.map((turn, position) => `${turn.role}_speaks ${turn.role}_at_${position} ${turn.text}`),
  ].join(' ');
}
