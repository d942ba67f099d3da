import {
  createTinyBase,
  drawTrials,
  fetchBase,
  fineTune,
  ingest,
  rankTrials,
  SweepInput,
  SweepTrialInput,
  subsampleTokens,
  tokenize,
} from '@overture/contracts';
import { pipeline } from '@overture/dag';
import { sweepUses } from './base-uses.ts';
import { trainInitiativeModelPipeline } from './train-initiative-model.ts';

/**
 * One trial: a point of the search space, trained on a share of the training split. A trial that diverges has
 * no score and does not stop the sweep.
 */
export const sweepTrialPipeline = pipeline(
  'sweepTrial',
  SweepTrialInput,
  (input, run) => {
    const { corpus, base, trial, training, share, seed, protocol, tagSet } = input;
    const whole = run(tokenize, {
      corpus,
      tokenizer: base.tokenizer,
      protocol,
      tagSet,
      maxLength: training.maxLength,
    });
    const { tokens } = share === 1 ? whole : run(subsampleTokens, { tokens: whole.tokens, share, seed });
    const { summary } = run(
      fineTune,
      {
        tokens,
        weights: base.weights,
        tokenizer: base.tokenizer,
        config: base.config,
        base: base.name,
        protocol,
        tagSet,
        training,
      },
      { optional: true },
    );
    return { trial, training, share, score: summary.validMacroF1 };
  },
  { reuse: ({ reuse }) => reuse },
);

/**
 * Trains many trials on little data, few on more, and the best one on the whole training split. Registers it
 * with its report.
 */
export const sweepPipeline = pipeline(
  'sweep',
  SweepInput,
  (input, run) => {
    const { protocol, tagSet } = input.corpus;
    const { space, training, strategy, trials, gridSteps, seed, atMost } = input;

    const { corpus } = run(ingest, input.corpus);
    const base =
      input.base === 'tiny'
        ? run(createTinyBase, { corpus, seed: training.seed })
        : run(fetchBase, { name: input.base, uses: sweepUses(input) });
    const drawn = run(drawTrials, { space, training, strategy, trials, gridSteps, seed });
    const { weights, tokenizer, config, name } = base;
    const trialsOf = (entrants: typeof drawn.trials, { share, keep }: Rung, rung: number) => {
      const results = run.each(entrants, sweepTrialPipeline, {
        as: `rung${rung}`,
        atMost,
        wire: (entrant) => ({
          corpus,
          base: { weights, tokenizer, config, name },
          trial: entrant.trial,
          training: entrant.training,
          share,
          seed,
          protocol,
          tagSet,
          reuse: { cache: input.reuse.cache },
        }),
      });
      return run(rankTrials, { results, keep }, { as: `rank${rung}` });
    };
    const [first, ...later] = rungsOf(input);
    const ranks = [trialsOf(drawn.trials, first, 1)];
    for (const rung of later) ranks.push(trialsOf(ranks.at(-1)!.survivors, rung, ranks.length + 1));
    const { best } = ranks.at(-1)!;
    const full = run(
      trainInitiativeModelPipeline,
      {
        name: input.name,
        corpus: input.corpus,
        base: input.base,
        training: best.training,
        evaluation: input.evaluation,
        reuse: { cache: input.reuse.cache },
      },
      { as: 'best' },
    );

    return {
      best,
      trials: drawn.trials,
      rungs: ranks.map(({ ranking }) => ranking),
      model: full.model,
      report: full.report,
      corpus: full.corpus,
      training: full.training,
      artifacts: full.artifacts,
    };
  },
  { reuse: ({ reuse }) => reuse },
);

interface Rung {
  /** The share of the training split. */
  readonly share: number;
  /** The number of trials that continue. */
  readonly keep: number;
}

/**
 * The rungs of successive halving (Jamieson & Talwalkar 2016, arXiv:1502.07943) down to one trial, which is
 * then trained in full. Without halving there is one rung on the whole training split.
 */
export function rungsOf({
  strategy,
  trials,
  factor,
  smallestShare,
}: Pick<SweepInput, 'strategy' | 'trials' | 'factor' | 'smallestShare'>): [Rung, ...Rung[]] {
  if (strategy !== 'halving') return [{ share: 1, keep: 1 }];
  const keeps: number[] = [];
  for (let left = trials; left > 1; keeps.push(left)) left = Math.max(1, Math.floor(left / factor));
  const rungs = keeps.map((keep, i) => ({
    keep,
    share: Math.max(smallestShare, factor ** (i - keeps.length)),
  }));
  return rungs as [Rung, ...Rung[]];
}
