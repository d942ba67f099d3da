import { setImmediate as breathe } from 'node:timers/promises';
import { quantizeGraph, type Graph } from '@overture/graph';
import { evaluateScores } from '@overture/metrics';
import { openRuntime } from '@overture/runtime';
import type { BundleManifest } from './bundle-manifest.ts';
import { initiativeProbability, paddedFeeds } from './padded-feeds.ts';

/** Labeled examples that the weights were not fitted to. */
export interface ValidationExamples {
  /** Token ids of each example. */
  readonly sequences: readonly ArrayLike<number>[];
  /** 1 = initiative. */
  readonly labels: ArrayLike<number>;
}

/** Options for quantizing a classifier to int8. */
export interface Int8Options {
  readonly validation: ValidationExamples;
  /** The int8 graph is kept if its macro-F1 is at most this much below that of float32. Default 0.01. */
  readonly largestDrop?: number;
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** The measurements for the manifest, and the int8 graph if it is good enough. */
export interface Int8Verdict {
  readonly measured: NonNullable<BundleManifest['int8']>;
  readonly graph: Graph | undefined;
}

/**
 * Quantizes a classifier's graph and compares it with the float32 graph on validation examples. Each example
 * is run by itself (see `quantizeGraph`). Blocks the thread for one example at a time.
 * @param threshold the threshold of both graphs
 */
export async function int8Gate(graph: Graph, threshold: number, options: Int8Options): Promise<Int8Verdict> {
  const { validation, largestDrop = 0.01 } = options;
  const quantized = quantizeGraph(graph);
  const [exact, rough] = [await probabilitiesOf(graph, options), await probabilitiesOf(quantized, options)];
  const macroF1 = (probabilities: Float64Array): number =>
    evaluateScores({ labels: validation.labels, probabilities }, { threshold, bootstrap: false }).macroF1;
  const scores = { float32: macroF1(exact), int8: macroF1(rough) };
  const kept = scores.float32 - scores.int8 <= largestDrop;
  const differences = exact.map((probability, i) => Math.abs(probability - rough[i]!));
  const agreeing = exact.filter(
    (probability, i) => probability >= threshold === rough[i]! >= threshold,
  ).length;
  return {
    measured: {
      kept,
      largestDrop,
      examples: exact.length,
      macroF1: scores,
      sameDecisions: agreeing / exact.length,
      largestDifference: differences.reduce((most, difference) => Math.max(most, difference), 0),
    },
    graph: kept ? quantized : undefined,
  };
}

async function probabilitiesOf(
  graph: Graph,
  { validation: { sequences }, threads, signal }: Int8Options,
): Promise<Float64Array> {
  await using session = await openRuntime({ threads }).load(graph);
  const probabilities = new Float64Array(sequences.length);
  for (const [i, sequence] of sequences.entries()) {
    signal?.throwIfAborted();
    const { logits } = await session.run(paddedFeeds([sequence], { padId: 0, inputs: session.inputs }));
    probabilities[i] = initiativeProbability(logits!, 0);
    await breathe(); // a run blocks the thread; this lets timers run, such as a worker's heartbeat
  }
  return probabilities;
}
