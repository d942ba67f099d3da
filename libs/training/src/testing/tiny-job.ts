import { counterRandom } from '@overture/core';
import {
  bertNetwork,
  classCount,
  loadWeights,
  sequenceClassifier,
  type BertConfig,
  type Network,
} from '@overture/models';
import { elementCount, float32 } from '@overture/tensors';
import type { TokenSet } from '@overture/tokenization';
import { parseFineTuneConfig } from '../fine-tune-config.ts';
import type { FineTuneJob } from '../fine-tune-job.ts';

/**
 * A job that takes about a second: 40 training and 16 validation examples. Those that begin with token 5 are
 * in the class INITIATIVE.
 */
export function tinyJob(
  config: Record<string, unknown> = {},
): FineTuneJob & { readonly modelConfig: BertConfig } {
  const modelConfig: BertConfig = {
    modelType: 'bert',
    vocabSize: 20,
    hiddenSize: 16,
    layers: 2,
    heads: 2,
    intermediateSize: 32,
    maxPositions: 16,
    typeVocabSize: 2,
    layerNormEpsilon: 1e-12,
    padTokenId: 0,
  };
  return { ...networkJob(bertNetwork(modelConfig), config), modelConfig };
}

/** The tiny job on another network with 20 tokens and 16 positions. */
export function networkJob(network: Network, config: Record<string, unknown> = {}): FineTuneJob {
  const model = sequenceClassifier(network, { classes: classCount });
  const values = new Map(
    network.parameters
      .flatMap((block) => block.parts)
      .map(({ name, shape }) => {
        const draws = counterRandom(2, name);
        const base = /norm/i.test(name) && name.endsWith('.weight') ? 1 : 0;
        return [
          name,
          float32(
            shape,
            Float32Array.from({ length: elementCount(shape) }, (_, i) => base + 0.1 * draws.normal(i)),
          ),
        ] as const;
      }),
  );
  const weights = loadWeights(values, model, { where: 'tiny', seed: 0 });
  const defaults = {
    epochs: 3,
    batchSize: 8,
    maxLength: 16,
    learningRate: 0.01,
    checkpointEverySteps: 1,
    threads: 1,
  };
  return { config: parseFineTuneConfig({ ...defaults, ...config }), model, tokens: tinyTokens(), weights };
}

function tinyTokens(): TokenSet {
  const random = counterRandom(1, 'tiny job');
  const sequences = Array.from({ length: 56 }, (_, i) => {
    const rest = Array.from(
      { length: 2 + random.below(100 + i, 12) },
      (_, k) => 6 + random.below(1000 + 20 * i + k, 14),
    );
    return [random.uniform(i) < 0.4 ? 5 : 4, ...rest];
  });
  const offsets = sequences.reduce<number[]>(
    (ends, sequence) => [...ends, ends.at(-1)! + sequence.length],
    [0],
  );
  return {
    ids: Int32Array.from(sequences.flat()),
    offsets: Int32Array.from(offsets),
    labels: Uint8Array.from(sequences, ([first]) => Number(first === 5)),
    splits: Uint8Array.from(sequences, (_, i) => Number(i >= 40)),
    splitNames: ['train', 'valid', 'test'],
    turns: new Int32Array(sequences.length),
    exampleIds: sequences.map((_, i) => `${i}#0`),
    vocabSize: 20,
    padId: 0,
    maxLength: 16,
    templateVersion: 1,
  };
}
