import type { Baseline } from '../baseline.ts';

/**
 * Predicts initiative if and only if this is the system's first turn. It has no parameters, and is hard to
 * beat in support forums.
 */
export const firstTurnRule: Baseline = {
  name: 'firstTurnRule',
  title: 'initiative iff first system turn',
  fit: () => (examples) => Float64Array.from(examples, ({ systemTurn }) => (systemTurn === 0 ? 1 : 0)),
};
