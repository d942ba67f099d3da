import { gather, graphBuilder, logSoftmax, reshape, type Graph, type Value } from '@overture/graph';
import { cachedLayout } from './cached-layout.ts';
import type { Model } from './model.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { parameterSource } from './network.ts';

/** What a language model's graph has beside the inputs and outputs of `cachedLayout`. */
export const languageModelNames = {
  /** int64 [picked]: row of a chosen token · vocabulary + a token that may come next. */
  picks: 'picks',
  /** float32 [chosen, vocabulary] */
  logits: 'logits',
  /** float32 [picked]: the logarithm of the probability that it comes next. */
  picked: 'picked',
} as const;

/**
 * A causal language model that goes on from keys and values of earlier tokens, for scoring and generating.
 * @param weights become constants of the graph, which onnxruntime packs for its products; without them they are parameters to be fed
 */
export function languageModelGraph(model: Model, weights?: Weights): Graph {
  const builder = graphBuilder('language-model');
  const values = new Map<string, Value>();
  for (const block of [...model.parameters, ...model.frozen]) {
    values.set(block.name, weights === undefined ? builder.parameter(block.name, block.shape) : builder.constant(blockTensor(block, weights), block.name));
  }
  const logits = model.logits(cachedLayout(builder), parameterSource((name) => values.get(name)));
  builder.output(languageModelNames.logits, logits);
  const picks = builder.input(languageModelNames.picks, 'int64', ['picked']);
  builder.output(languageModelNames.picked, gather(reshape(logSoftmax(logits), [-1]), picks));
  return builder.build();
}
