import type { ExampleInput } from '@overture/dialogue';

/** System turns from here on look alike: there are few of them. */
const lastOrdinal = 3;

/**
 * A history as one text whose marks are words of their own: which system turn is due (twice, as the strongest cue), and
 * before each turn who speaks and at which position. The marks also take part in word pairs.
 */
export function markedText({ history, systemTurn }: ExampleInput): string {
  const due = `due_${Math.min(systemTurn, lastOrdinal)}`;
  return [due, due, ...history.map((turn, position) => `${turn.role}_speaks ${turn.role}_at_${position} ${turn.text}`)].join(' ');
}
