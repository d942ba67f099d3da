import { gather, graphBuilder, logSoftmax, reshape, type Graph, type Value } from '@overture/graph';
import { cachedLayout } from './cached-layout.ts';
import type { Model } from './model.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { parameterSource } from './network.ts';

/** Inputs and outputs of a language model's graph, in addition to those of `cachedLayout`. */
export const languageModelNames = {
  /** int64 [picked]: row of a chosen token · vocabulary + id of a candidate next token. */
  picks: 'picks',
  /** float32 [chosen, vocabulary] */
  logits: 'logits',
  /** float32 [picked]: log probability of each candidate. */
  picked: 'picked',
} as const;

/**
 * Builds the graph of a causal language model with a key-value cache, for scoring and generation.
 * @param weights become constants of the graph, which onnxruntime prepacks for matrix products; without them
 * the graph has parameters to be fed
 */
export function languageModelGraph(model: Model, weights?: Weights): Graph {
  const builder = graphBuilder('language-model');
  const values = new Map<string, Value>();
  for (const block of [...model.parameters, ...model.frozen]) {
    values.set(
      block.name,
      weights === undefined
        ? builder.parameter(block.name, block.shape)
        : builder.constant(blockTensor(block, weights), block.name),
    );
  }
  const logits = model.logits(
    cachedLayout(builder),
    parameterSource((name) => values.get(name)),
  );
  builder.output(languageModelNames.logits, logits);
  const picks = builder.input(languageModelNames.picks, 'int64', ['picked']);
  builder.output(languageModelNames.picked, gather(reshape(logSoftmax(logits), [-1]), picks));
  return builder.build();
}
