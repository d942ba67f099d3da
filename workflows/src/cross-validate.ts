import {
  classifierUse,
  computeBaselines,
  createTinyBase,
  CrossValidateFoldInput,
  CrossValidateInput,
  drawFolds,
  fetchBase,
  fineTune,
  ingest,
  poolFolds,
  predictFold,
  selectFold,
  takeFoldTokens,
  tokenize,
} from '@overture/contracts';
import { pipeline } from '@overture/dag';

/**
 * One fold with one seed: trains a model on the other folds, and predicts this fold with the model and the
 * baselines.
 */
export const crossValidateFoldPipeline = pipeline(
  'crossValidateFold',
  CrossValidateFoldInput,
  (input, run) => {
    const { folds, fold, seed, protocol, tagSet, pretrained } = input;
    const training = { ...input.training, seed };

    const { corpus } = run(selectFold, { corpus: input.corpus, folds, fold });
    // A tiny model's tokenizer is trained on the fold's training conversations only; a pretrained one has
    // seen none of the corpus.
    const base = pretrained ?? run(createTinyBase, { corpus, seed });
    const { tokens } =
      pretrained === undefined
        ? run(tokenize, {
            corpus,
            tokenizer: base.tokenizer,
            protocol,
            tagSet,
            maxLength: training.maxLength,
          })
        : run(takeFoldTokens, { tokens: pretrained.tokens, folds, fold });
    const { floors: baselines } = run(computeBaselines, { corpus, protocol, tagSet, split: 'test' });
    const { bundle, summary } = run(fineTune, {
      tokens,
      weights: base.weights,
      tokenizer: base.tokenizer,
      config: base.config,
      base: base.name,
      protocol,
      tagSet,
      training,
    });
    const { predictions } = run(predictFold, { bundle, corpus, protocol, tagSet, fold, seed });

    return { fold, seed, predictions, floors: baselines, bundle, training: summary };
  },
  { reuse: ({ reuse }) => reuse },
);

/**
 * Dialogues → out-of-fold predictions of every example for every seed, and one report that compares all of
 * them with the baselines.
 */
export const crossValidatePipeline = pipeline(
  'crossValidate',
  CrossValidateInput,
  (input, run) => {
    const { protocol, tagSet } = input.corpus;
    const { seeds, splits, innerFolds, training, atMost } = input;
    const trainings = seeds.flatMap((seed) =>
      Array.from({ length: input.folds }, (_, fold) => ({ fold, seed })),
    );

    const { corpus, source } = run(ingest, input.corpus);
    const { folds, counts } = run(drawFolds, {
      corpus,
      protocol,
      tagSet,
      splits,
      folds: input.folds,
      innerFolds,
      seed: input.foldSeed,
    });
    const pretrained =
      input.base === 'tiny'
        ? undefined
        : run(fetchBase, { name: input.base, uses: [classifierUse(training)] });
    const tokenized =
      pretrained &&
      run(tokenize, {
        corpus,
        tokenizer: pretrained.tokenizer,
        protocol,
        tagSet,
        maxLength: training.maxLength,
      });
    const shared = pretrained &&
      tokenized && {
        weights: pretrained.weights,
        tokenizer: pretrained.tokenizer,
        config: pretrained.config,
        name: pretrained.name,
        tokens: tokenized.tokens,
      };
    const parts = run.each(trainings, crossValidateFoldPipeline, {
      as: 'fold',
      atMost,
      wire: ({ fold, seed }) => ({
        corpus,
        folds,
        fold,
        seed,
        pretrained: shared,
        training,
        protocol,
        tagSet,
        reuse: { cache: input.reuse.cache },
      }),
    });
    const pooled = run(poolFolds, {
      corpus,
      corpusName: source.name,
      base: input.base,
      folds,
      seeds,
      parts,
      protocol,
      tagSet,
      bootstrapSamples: input.evaluation.bootstrapSamples,
    });

    return {
      report: pooled.summary,
      corpus: source,
      folds: counts,
      artifacts: { corpus, folds, predictions: pooled.predictions, report: pooled.report },
    };
  },
  { reuse: ({ reuse }) => reuse },
);
