import {
  classifierUse,
  computeBaselines,
  createTinyBase,
  evaluate,
  fetchBase,
  fineTune,
  ingest,
  register,
  tokenize,
  TrainInput,
} from '@overture/contracts';
import { pipeline } from '@overture/dag';

/**
 * Dialogues → a registered model that predicts whether the system should take the initiative, with its
 * report.
 */
export const trainInitiativeModelPipeline = pipeline(
  'trainInitiativeModel',
  TrainInput,
  (input, run) => {
    const { protocol, tagSet } = input.corpus;
    const { split, bootstrapSamples } = input.evaluation;
    const { seed, maxLength } = input.training;

    const { corpus, source } = run(ingest, input.corpus);
    const base =
      input.base === 'tiny'
        ? run(createTinyBase, { corpus, seed })
        : run(fetchBase, { name: input.base, uses: [classifierUse(input.training)] });
    const { tokens } = run(tokenize, { corpus, tokenizer: base.tokenizer, protocol, tagSet, maxLength });
    const { floors: baselines } = run(
      computeBaselines,
      { corpus, protocol, tagSet, split },
      { skippable: true },
    );
    const { bundle, summary: training } = run(fineTune, {
      tokens,
      weights: base.weights,
      tokenizer: base.tokenizer,
      config: base.config,
      base: base.name,
      protocol,
      tagSet,
      training: input.training,
    });
    const { report, summary } = run(evaluate, {
      bundle,
      corpus,
      corpusName: source.name,
      floors: baselines,
      protocol,
      tagSet,
      split,
      bootstrapSamples,
      seed,
    });
    const model = run(register, { name: input.name, bundle, report });

    return { model, report: summary, corpus: source, training, artifacts: { corpus, bundle, report } };
  },
  { reuse: ({ reuse }) => reuse },
);
