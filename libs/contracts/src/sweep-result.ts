import type { z } from 'zod';
import type { drawTrials, rankTrials } from './stages/sweep.ts';
import type { TrainResult } from './train-result.ts';

type Ranking = z.output<typeof rankTrials.output>;

/** What `sweep` returns: the winner trained in full, and how it came to be the winner. */
export interface SweepResult extends TrainResult {
  readonly best: Ranking['best'];
  readonly trials: z.output<typeof drawTrials.output>['trials'];
  /** One for each rung, the first first. */
  readonly rungs: readonly Ranking['ranking'][];
}
