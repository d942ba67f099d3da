import { encodeOnnx, graphBuilder, type Graph, type Value } from '@overture/graph';
import { elementCount } from '@overture/tensors';
import type { Model } from './model.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { parameterSource } from './network.ts';
import type { Pooling } from './pack-batch.ts';
import { paddedLayout } from './padded-layout.ts';

export interface ExportOptions {
  readonly pooling: Pooling;
}

/**
 * A model as one ONNX file with its float32 weights inside: inputs input_ids, attention_mask and, for a family that has them,
 * token_type_ids, int64 [batch, length] → logits, float32 [batch, outputs], or [batch, length, vocabulary] of a causal language
 * model. What transformers.js opens as `onnx/model.onnx`.
 */
export function exportModel(model: Model, weights: Weights, options: ExportOptions): Uint8Array {
  return encodeOnnx(modelGraph(model, weights, options));
}

/** Bytes that the constants of one ONNX file may have: protobuf ends at 2 GiB, and the nodes need room. See `encodeOnnx`. */
export const exportLimit = 2 ** 31 - 2 ** 24;

/** Bytes of the weights in the file that `exportModel` makes, float32; its tables of rotary positions come on top. */
export function exportBytes({ parameters, frozen }: Model): number {
  return [...parameters, ...frozen].reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

/** The graph behind `exportModel`. */
export function modelGraph(model: Model, weights: Weights, { pooling }: ExportOptions): Graph {
  const { network, task } = model;
  const builder = graphBuilder(task === 'causal' ? 'language-model' : 'initiative-classifier');
  const layout = paddedLayout(builder, { pooling: task === 'causal' ? undefined : pooling, tokenTypes: network.tokenTypes, positions: network.size.maxPositions });
  const constants = new Map<string, Value>();
  for (const block of [...model.parameters, ...model.frozen]) constants.set(block.name, builder.constant(blockTensor(block, weights), block.name));
  const logits = model.logits(layout, parameterSource((name) => constants.get(name)));
  builder.output('logits', task === 'causal' ? layout.perToken(logits) : logits);
  return builder.build();
}
