import { positiveWeights } from '../class-weights.ts';
import { headInputs } from '../feature-cache/head-inputs.ts';
import { linearProbe } from '../linear-probe.ts';
import { lossTable } from '../losses/loss-table.ts';
import { classification } from '../losses/objective.ts';
import { PackedScorer } from '../packed-scorer.ts';
import { probeExamples } from '../probe-examples.ts';
import { labelScores, meanLoss } from '../validation.ts';
import { noScores, type TaskRow } from './training-task.ts';

/** Multi-label classification: each label is independent. */
export const labelsTask: TaskRow = {
  objective: ({ config }) => classification(lossTable[config.loss](config)),
  problems({ config, model, tokens }) {
    const [wanted, got] = [tokens.offsets.length - 1, (tokens.flags?.length ?? 0) / model.outputs];
    return [
      ...(config.loss === 'binaryCrossEntropy'
        ? []
        : [`With several labels at once, training.loss must be "binaryCrossEntropy". Got "${config.loss}".`]),
      ...(got === wanted
        ? []
        : [
            `The tokens must have ${model.outputs} flags for each of ${wanted} examples, one per label of the model. Got ${tokens.flags?.length ?? 0} in all: check how the corpus is labeled.`,
          ]),
    ];
  },
  async open(context) {
    const { runtime, model, parameters, config, tokens, train, valid, sequencesOf, signal } = context;
    const count = model.outputs;
    // checked by `misfits`
    const labelOf = (example: number): number[] =>
      Array.from(tokens.flags!.subarray(example * count, (example + 1) * count));
    const weights = positiveWeights(config.classWeights, train.map(labelOf));
    const loss = lossTable[config.loss](config);
    const scorer = await PackedScorer.open(runtime, model, { parameters, pooling: config.pooling });
    return {
      objective: classification(loss, weights),
      classWeights: weights,
      labelOf,
      /**
       * Fits a linear probe for each label that has positive and negative examples in the sample. The head of
       * the other labels stays as loaded.
       */
      async startHead(onBatch) {
        const examples = probeExamples(train, { seed: config.seed });
        const pooled = await headInputs(context, examples, onBatch);
        if (pooled === undefined) return;
        const [weight, bias] = parameters.blocks.filter(({ head }) => head);
        const width = weight.shape[1];
        for (let label = 0; label < count; label++) {
          const flags = examples.map((example) => labelOf(example)[label]);
          if (new Set(flags).size < 2) continue;
          const head = linearProbe(pooled, flags, {
            classWeights: [1, weights[label]],
            bias: bias !== undefined,
            population: train.length,
          });
          // the probe has two logits; this one is their difference
          for (let k = 0; k < width; k++)
            parameters.values[weight.offset + label * width + k] = head.weight[width + k] - head.weight[k];
          if (bias !== undefined) parameters.values[bias.offset + label] = head.bias[1] - head.bias[0];
        }
      },
      async validate() {
        if (valid.length === 0) return noScores;
        const scored = {
          labels: valid.map(labelOf),
          logits: await scorer.score(sequencesOf(valid), () => signal?.throwIfAborted()),
        };
        return { validLoss: meanLoss(scored, loss, weights), ...labelScores(scored) };
      },
      calibrate: () => Promise.resolve({ threshold: 0.5, temperature: 1 }),
      close: () => scorer.close(),
    };
  },
};
