import type { z } from 'zod';
import type { drawTrials, rankTrials } from './stages/sweep.ts';
import type { TrainResult } from './train-result.ts';

type Ranking = z.output<typeof rankTrials.output>;

/** The result of `sweep`: the best trial, trained on the whole training split, and all rankings. */
export interface SweepResult extends TrainResult {
  readonly best: Ranking['best'];
  readonly trials: z.output<typeof drawTrials.output>['trials'];
  /** The ranking of each rung, in order. */
  readonly rungs: readonly Ranking['ranking'][];
}
