import { encodeOnnx, graphBuilder, type Graph, type Value } from '@overture/graph';
import { elementCount } from '@overture/tensors';
import type { Model } from './model.ts';
import { blockTensor, type Weights } from './model-weights.ts';
import { parameterSource } from './network.ts';
import type { Pooling } from './pack-batch.ts';
import { paddedLayout } from './padded-layout.ts';

/** Options of `exportModel`. */
export interface ExportOptions {
  readonly pooling: Pooling;
}

/**
 * Exports a model as one ONNX file with float32 weights, as transformers.js opens it under `onnx/model.onnx`.
 * Inputs: input_ids, attention_mask and, if the family has them, token_type_ids, int64 [batch, length].
 * Output: logits, float32 [batch, outputs], or [batch, length, vocabulary] for a causal language model.
 */
export function exportModel(model: Model, weights: Weights, options: ExportOptions): Uint8Array {
  return encodeOnnx(modelGraph(model, weights, options));
}

/**
 * Maximum bytes of constants in one ONNX file: protobuf is limited to 2 GiB, and the nodes need some of it.
 * See `encodeOnnx`.
 */
export const exportLimit = 2 ** 31 - 2 ** 24;

/**
 * Bytes of the float32 weights in the file from `exportModel`; the tables of rotary positions are not
 * included.
 */
export function exportBytes({ parameters, frozen }: Model): number {
  return [...parameters, ...frozen].reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

/** Builds the graph that `exportModel` writes. */
export function modelGraph(model: Model, weights: Weights, { pooling }: ExportOptions): Graph {
  const { network, task } = model;
  const builder = graphBuilder(task === 'causal' ? 'language-model' : 'initiative-classifier');
  const layout = paddedLayout(builder, {
    pooling: task === 'causal' ? undefined : pooling,
    tokenTypes: network.tokenTypes,
    positions: network.size.maxPositions,
  });
  const constants = new Map<string, Value>();
  for (const block of [...model.parameters, ...model.frozen])
    constants.set(block.name, builder.constant(blockTensor(block, weights), block.name));
  const logits = model.logits(
    layout,
    parameterSource((name) => constants.get(name)),
  );
  builder.output('logits', task === 'causal' ? layout.perToken(logits) : logits);
  return builder.build();
}
