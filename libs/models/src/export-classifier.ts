import { encodeOnnx, graphBuilder, type Graph, type Value } from '@overture/graph';
import { float32, type Tensor } from '@overture/tensors';
import { bertClassifier } from './bert-classifier.ts';
import type { BertConfig } from './bert-config.ts';
import { bertParameters } from './bert-parameters.ts';
import type { Weights } from './classifier-weights.ts';
import type { Pooling } from './pack-batch.ts';
import { paddedLayout } from './padded-layout.ts';
import type { ParameterBlock } from './parameter-block.ts';

export interface ExportOptions {
  readonly pooling: Pooling;
}

/**
 * The classifier as one ONNX file with its float32 weights inside: inputs input_ids, attention_mask and token_type_ids,
 * int64 [batch, length] → logits, float32 [batch, 2]. What transformers.js opens as `onnx/model.onnx`.
 */
export function exportClassifier(config: BertConfig, weights: Weights, options: ExportOptions): Uint8Array {
  return encodeOnnx(classifierGraph(config, weights, options));
}

/** The graph behind `exportClassifier`. */
export function classifierGraph(config: BertConfig, weights: Weights, { pooling }: ExportOptions): Graph {
  const builder = graphBuilder('initiative-classifier');
  const layout = paddedLayout(builder, pooling);
  const constants = new Map<string, Value>();
  for (const block of bertParameters(config)) constants.set(block.name, builder.constant(blockTensor(block, weights), block.name));
  builder.output('logits', bertClassifier(config, layout, (name) => constants.get(name)!));
  return builder.build();
}

/** A block's parts, stacked. */
function blockTensor(block: ParameterBlock, weights: Weights): Tensor {
  const parts = block.parts.map(({ name }) => weights.get(name)!.data as Float32Array);
  if (parts.length === 1) return float32(block.shape, parts[0]);
  const stacked = float32(block.shape);
  let at = 0;
  for (const part of parts) {
    (stacked.data as Float32Array).set(part, at);
    at += part.length;
  }
  return stacked;
}
