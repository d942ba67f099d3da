import { classWeights } from '../class-weights.ts';
import { headInputs } from '../feature-cache/head-inputs.ts';
import { linearProbe } from '../linear-probe.ts';
import { lossTable } from '../losses/loss-table.ts';
import { classification } from '../losses/objective.ts';
import { PackedScorer } from '../packed-scorer.ts';
import { probeExamples } from '../probe-examples.ts';
import { calibrate, meanLoss, validationScores, type ScoredSplit } from '../validation.ts';
import { noScores, type TaskContext, type TaskRow, type TrainingTask } from './training-task.ts';

/** Single-label classification with two classes. */
export const initiativeTask: TaskRow = {
  objective: ({ config }) => classification(lossTable[config.loss](config)),
  problems({ model, tokens }) {
    const misfit = tokens.labels.findIndex((label) => label >= model.outputs);
    return misfit < 0
      ? []
      : [
          `Example ${tokens.exampleIds[misfit]} has the label ${tokens.labels[misfit]}, the model ${model.outputs} classes, from 0 to ${model.outputs - 1}: check how the corpus is labeled.`,
        ];
  },
  open,
};

async function open(context: TaskContext): Promise<TrainingTask> {
  const { runtime, model, parameters, config, tokens, train, valid, sequencesOf, signal } = context;
  const labelOf = (example: number): number => tokens.labels[example];
  const weights = classWeights(config.classWeights, train.map(labelOf));
  const loss = lossTable[config.loss](config);
  const scorer = await PackedScorer.open(runtime, model, { parameters, pooling: config.pooling });

  let scored: ScoredSplit | undefined;
  const score = async (): Promise<ScoredSplit | undefined> => {
    if (valid.length > 0)
      scored = {
        labels: valid.map(labelOf),
        logits: await scorer.score(sequencesOf(valid), () => signal?.throwIfAborted()),
      };
    return scored;
  };
  return {
    objective: classification(loss, weights),
    classWeights: weights,
    labelOf,
    async startHead(onBatch) {
      const examples = probeExamples(train, { seed: config.seed, stratumOf: labelOf });
      const pooled = await headInputs(context, examples, onBatch);
      if (pooled === undefined) return;
      const [weight, bias] = parameters.blocks.filter(({ head }) => head);
      const head = linearProbe(pooled, examples.map(labelOf), {
        classWeights: weights,
        bias: bias !== undefined,
        population: train.length,
      });
      parameters.values.set(head.weight, weight.offset);
      if (bias !== undefined) parameters.values.set(head.bias, bias.offset);
    },
    async validate() {
      const split = await score();
      return split === undefined
        ? noScores
        : { validLoss: meanLoss(split, loss, weights), ...validationScores(split) };
    },
    async calibrate(unchanged) {
      const split = (unchanged ? scored : undefined) ?? (await score());
      return split === undefined ? { threshold: 0.5, temperature: 1 } : calibrate(split);
    },
    close: () => scorer.close(),
  };
}
