import type { JsonValue } from '@overture/core';
import { gemm, type Value } from '@overture/graph';
import type { Layout } from './layout.ts';
import type { HiddenStates, Network, ParameterSource, LayerRange } from './network.ts';
import { singleBlock, type ParameterBlock } from './parameter-block.ts';

/** A network with a task head; used by training, export, and inference. */
export interface Model {
  readonly network: Network;
  readonly task: 'classification' | 'multi-label' | 'causal';
  /** Columns of the logits: classes, labels, or the vocabulary. */
  readonly outputs: number;
  /**
   * Trainable blocks, in the order of the flat buffer. Classifiers have dense blocks first and tables last.
   */
  readonly parameters: readonly ParameterBlock[];
  /** Blocks without a gradient; empty unless layers are frozen or the model has adapters. */
  readonly frozen: readonly ParameterBlock[];
  /** Same as `Network.encode`, including what the model adds to its layers. */
  encode(layout: Layout, parameters: ParameterSource, layerRange?: LayerRange): Value;
  /**
   * Logits: [sequences, outputs] for a classifier, [chosen tokens, vocabulary] for a causal language model
   * (see `Layout.choose`).
   */
  logits(layout: Layout, parameters: ParameterSource, from?: HiddenStates): Value;
  /**
   * A complete `config.json` with `architectures`. `labels` are the class names in the order of the logits.
   */
  configJson(labels?: readonly string[]): Record<string, JsonValue>;
}

/**
 * Single-label classifier of sequences: pooling and one linear layer. Probabilities are the softmax of the
 * logits.
 */
export function sequenceClassifier(network: Network, { classes }: { readonly classes: number }): Model {
  return withLinearHead(network, 'classification', classes);
}

/**
 * Multi-label classifier of sequences: probabilities are the sigmoids of the logits, independent for each
 * label.
 */
export function multiLabelClassifier(network: Network, { labels }: { readonly labels: number }): Model {
  return withLinearHead(network, 'multi-label', labels);
}

/**
 * Predicts the next token after each chosen one. If the network ties its weights, the embedding is also the
 * output projection.
 */
export function causalLanguageModel(network: Network): Model {
  const { parameters, head, size, embedding } = network;
  const output = head.causalLayer ?? embedding.slice(0, -'.weight'.length);
  const blocks =
    head.causalLayer === undefined
      ? []
      : [
          singleBlock(`${head.causalLayer}.weight`, [size.vocabSize, size.hiddenSize], {
            depth: size.layers + 1,
          }),
        ];
  return {
    network,
    task: 'causal',
    outputs: size.vocabSize,
    parameters: [...blocks, ...parameters],
    frozen: [],
    encode: network.encode,
    logits: (layout, source, from) =>
      gemm(network.encode(layout, source, { from }), source.value(`${output}.weight`), undefined, {
        transB: true,
      }),
    configJson: () => ({ architectures: [head.causal!], ...network.configJson() }),
  };
}

function withLinearHead(network: Network, task: 'classification' | 'multi-label', outputs: number): Model {
  const { head, size } = network;
  const at = head.classifierLayer;
  const options = { head: true, depth: size.layers + 1 };
  const bias = head.classifierBias
    ? [singleBlock(`${at}.bias`, [outputs], { ...options, start: 'zero' })]
    : [];
  const blocks = [
    singleBlock(`${at}.weight`, [outputs, size.hiddenSize], { ...options, start: 'normal' }),
    ...bias,
  ];
  return {
    network,
    task,
    outputs,
    parameters: [
      ...network.parameters.filter(({ table }) => !table),
      ...blocks,
      ...network.parameters.filter(({ table }) => table),
    ],
    frozen: [],
    encode: network.encode,
    logits(layout, source, from) {
      const pooled = layout.pool(network.encode(layout, source, { from }));
      return source.linear(head.classifierDropout ? layout.drop(pooled, 'hidden') : pooled, at);
    },
    configJson: (labels = Array.from({ length: outputs }, (_, i) => `LABEL_${i}`)) => ({
      architectures: [head.classifier],
      ...network.configJson(),
      id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
      label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
      problem_type: task === 'classification' ? 'single_label_classification' : 'multi_label_classification',
    }),
  };
}
