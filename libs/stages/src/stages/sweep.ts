import { drawTrials, rankTrials, subsampleTokens } from '@overture/contracts';
import { AppError, counterRandom, shuffled } from '@overture/core';
import { decodeTokenSet, encodeTokenSet, withSplitsOf } from '@overture/tokenization';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { implement } from '../implement.ts';
import { drawnTrials } from '../search-space.ts';

/** Chooses the trials of a sweep. */
export const drawTrialsStage = implement(drawTrials, async ({ space, training, ...options }) => ({
  trials: drawnTrials(space, training, options).map((settings, trial) => ({ trial, training: settings })),
}));

/** Takes a share of the training conversations. A larger share contains every smaller one. */
export async function thinnedTokens(
  { tokens, share, seed }: z.output<typeof subsampleTokens.input>,
  { artifacts }: ComputeContext,
): Promise<z.output<typeof subsampleTokens.output>> {
  const whole = decodeTokenSet(await artifacts.readBytes(tokens), `tokens ${tokens.digest}`);
  const splitOf = new Map(
    whole.exampleIds.map(
      (id, i) => [id.slice(0, id.lastIndexOf('#')), whole.splitNames[whole.splits[i]!]!] as const,
    ),
  );
  const training = shuffled(
    [...splitOf].filter(([, split]) => split === 'train').map(([id]) => id),
    counterRandom(seed, 'thin'),
  );
  const kept = new Set(training.slice(0, Math.ceil(share * training.length)));
  const thinned = withSplitsOf(whole, (id) =>
    splitOf.get(id) === 'train' && !kept.has(id) ? undefined : splitOf.get(id),
  );
  const labels = new Set(thinned.labels.filter((_, i) => thinned.splitNames[thinned.splits[i]!] === 'train'));
  if (labels.size < 2)
    throw new AppError(
      'SHARE_TOO_SMALL',
      `A share of the training conversations must have both classes. ${(100 * share).toFixed(1)} % of ${training.length} has one: raise smallestShare, or draw without halving (strategy).`,
    );
  return { tokens: await artifacts.put('tokens', encodeTokenSet(thinned)) };
}

/** `thinnedTokens` in a child process. */
export const subsampleTokensStage = implement(
  subsampleTokens,
  inChild(import.meta.url, thinnedTokens, { stage: subsampleTokens.name }),
);

/** Ranks trials. Ties go to the trial that was drawn first. */
export const rankTrialsStage = implement(rankTrials, async ({ results, keep }, { logger }) => {
  const ranked = results
    .map((result) => ({ ...result, score: result.score ?? null }))
    .sort((a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity) || a.trial - b.trial);
  const [best] = ranked;
  if (best?.score === null || best === undefined)
    throw new AppError(
      'SWEEP_ALL_FAILED',
      `At least one of the ${results.length} trials must have a score on the validation split. None has: look at the trials' workflows for why they failed, and check that the corpus has a validation split.`,
    );
  const goOn = new Set(
    ranked
      .slice(0, keep)
      .filter(({ score }) => score !== null)
      .map(({ trial }) => trial),
  );
  logger.info({ best: best.trial, score: best.score, goOn: [...goOn] }, 'The trials are ranked.');
  return {
    survivors: ranked
      .filter(({ trial }) => goOn.has(trial))
      .map(({ trial, training }) => ({ trial, training })),
    best: { trial: best.trial, training: best.training, score: best.score },
    ranking: ranked.map(({ trial, share, score }) => ({ trial, share, score, goesOn: goOn.has(trial) })),
  };
});
