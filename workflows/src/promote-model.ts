import {
  compareModels,
  computeBaselines,
  ingest,
  lookUpModels,
  promote,
  PromoteInput,
} from '@overture/contracts';
import { isTrue, pipeline } from '@overture/dag';

/**
 * Compares a registered model with the champion and the baselines. If it is better than all of them, a user
 * decides.
 */
export const promoteModelPipeline = pipeline(
  'promoteModel',
  PromoteInput,
  (input, run) => {
    const { alias, split, minimumRecall, significance } = input;
    const { protocol, tagSet } = input.corpus;

    const { name, candidate, champion } = run(lookUpModels, { model: input.model, alias });
    const { corpus, source } = run(ingest, input.corpus);
    const { floors: baselines } = run(computeBaselines, { corpus, protocol, tagSet, split });
    const { passes, shortcomings, contests, macroF1, recall, report } = run(compareModels, {
      candidate,
      champion,
      corpus,
      corpusName: source.name,
      floors: baselines,
      protocol,
      tagSet,
      split,
      minimumRecall,
      significance,
      bootstrapSamples: input.evaluation.bootstrapSamples,
    });
    const decision = run.gate('approve', {
      summary: `Let ${alias} point at this model?`,
      rule: isTrue(passes),
      ask: true,
      show: {
        model: name,
        version: candidate.version,
        champion,
        corpus: source.name,
        split,
        macroF1,
        recall,
        contests,
      },
    });
    const evidence = { contests, macroF1, shortcomings, corpus: source.name, split };
    const { promoted, previous } = run(promote, {
      model: name,
      version: candidate.version,
      alias,
      decision,
      evidence,
    });

    return {
      model: name,
      version: candidate.version,
      alias,
      promoted,
      previous,
      decision,
      comparison: { passes, shortcomings, contests, macroF1, recall },
      artifacts: { report },
    };
  },
  { reuse: ({ reuse }) => reuse },
);
