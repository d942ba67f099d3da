import type { Baseline } from '../baseline.ts';

/** Takes the initiative iff it is the system's first turn: no parameters, and hard to beat in support forums. */
export const firstTurnRule: Baseline = {
  name: 'firstTurnRule',
  title: 'initiative iff first system turn',
  fit: () => (examples) => Float64Array.from(examples, ({ systemTurn }) => (systemTurn === 0 ? 1 : 0)),
};
