import { trainingSettings } from '@overture/training-settings';
import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact } from '@overture/protocol';
import { searchSpace, sweepStrategy } from '../sweep-input.ts';

/** One point of a search space, as complete training settings. */
const entrant = z.object({ trial: z.int(), training: trainingSettings });

/** Draws the trials of a sweep. The same seed draws the same trials. */
export const drawTrials = defineStage({
  name: 'drawTrials',
  version: 1,
  summary: 'Draw the trials',
  queue: 'light',
  timeouts: { startToClose: 60 },
  input: z.strictObject({
    space: searchSpace,
    training: trainingSettings,
    strategy: sweepStrategy,
    trials: z.int(),
    gridSteps: z.int(),
    seed: z.int().min(0),
  }),
  output: z.object({ trials: z.array(entrant) }),
});

/**
 * Subsamples the training conversations: always the first ones of the same order. Validation and test are
 * unchanged.
 */
export const subsampleTokens = defineStage({
  name: 'thinTokens',
  version: 1,
  summary: 'Take a share of the training conversations',
  queue: 'light',
  timeouts: { startToClose: 10 * 60, heartbeat: 60 },
  input: z.strictObject({ tokens: artifact('tokens'), share: z.number().gt(0).max(1), seed: z.int().min(0) }),
  output: z.object({ tokens: artifact('tokens') }),
});

/**
 * Ranks trials by their score on the validation split and selects those that continue. Trials without a score
 * have failed and rank last.
 */
export const rankTrials = defineStage({
  name: 'rankTrials',
  version: 1,
  summary: 'Rank the trials and stop the losers',
  queue: 'light',
  timeouts: { startToClose: 60 },
  input: z.strictObject({
    results: z.array(
      z.object({ ...entrant.shape, share: z.number(), score: z.number().nullable().optional() }),
    ),
    keep: z.int().min(1),
  }),
  output: z.object({
    survivors: z.array(entrant),
    best: z.object({ ...entrant.shape, score: z.number() }),
    ranking: z.array(
      z.object({ trial: z.int(), share: z.number(), score: z.number().nullable(), goesOn: z.boolean() }),
    ),
  }),
});
