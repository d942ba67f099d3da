import { setImmediate as breathe } from 'node:timers/promises';
import { AppError } from '@overture/core';
import { nextSystemTurn, type Conversation, type ExampleInput } from '@overture/dialogue';
import { paddedInputs } from '@overture/models';
import { openRuntime, type Session } from '@overture/runtime';
import { int64, type Tensor } from '@overture/tensors';
import { exampleEncoder, type EncodedExample } from '@overture/tokenization';
import { bundleFiles } from './bundle-files.ts';
import type { BundleManifest } from './bundle-manifest.ts';
import { openBundle, type Bundle } from './open-bundle.ts';
import { planPaddedBatches } from './plan-padded-batches.ts';

export interface Prediction {
  /** `conversationId#n`: n counts the conversation's system turns from 0. */
  readonly id: string;
  /** Of initiative, 0 to 1, calibrated on the model's validation split. */
  readonly probability: number;
  /** Whether the probability reaches the threshold. */
  readonly initiative: boolean;
  readonly threshold: number;
  /** Whether the conversation was too long to be read whole. */
  readonly truncated: boolean;
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called after every batch. */
  readonly onProgress?: (done: number, total: number) => void;
  /** In place of the bundle's own. */
  readonly threshold?: number;
}

/** A model, ready to predict. Runs on the calling thread, which stands still during a batch (under a second). */
export interface Predictor {
  readonly manifest: BundleManifest;
  /** One prediction for each example, in order; the text template and truncation of training. */
  predict(examples: readonly ExampleInput[], options?: PredictOptions): Promise<Prediction[]>;
  /**
   * What the system should do after the last user turn of each conversation.
   * @throws AppError `CONVERSATION_NOT_WAITING` for one that ends with the system's turn
   */
  predictNext(conversations: readonly Conversation[], options?: PredictOptions): Promise<Prediction[]>;
  /** As `predictNext` for a stream of any length, in constant memory. */
  predictStream(conversations: Iterable<Conversation> | AsyncIterable<Conversation>, options?: PredictOptions): AsyncIterable<Prediction>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Padded tokens per run. Measured with MiniLM on two cores: from 256 to 4096 the time per token is the same, while memory and
// the time for which the thread stands still grow.
const tokensPerBatch = 1024;
const conversationsPerChunk = 256;

/**
 * Opens a bundle folder for predictions.
 * @throws AppError `BUNDLE_INVALID` and others that name the file at fault, `RUNTIME_LOAD_FAILED`
 */
export async function openPredictor(folder: string, options: { readonly threads?: number } = {}): Promise<Predictor> {
  const bundle = await openBundle(folder);
  const session = await openRuntime({ threads: options.threads }).load(bundle.graph, { name: `${folder}/${bundleFiles.graph}` });
  const wanted = Object.values(paddedInputs);
  if (!wanted.every((name) => session.inputs.includes(name)) || !session.outputs.includes('logits')) {
    await session.close();
    throw new AppError(
      'BUNDLE_INVALID',
      `${folder}/${bundleFiles.graph} must have the inputs ${wanted.join(', ')} and the output logits. Got ${session.inputs.join(', ')} and ${session.outputs.join(', ')} instead. Export the model again.`,
      { details: { folder, file: bundleFiles.graph } },
    );
  }
  return new BundlePredictor(bundle, session);
}

class BundlePredictor implements Predictor {
  readonly manifest: BundleManifest;
  readonly #bundle: Bundle;
  readonly #session: Session;

  constructor(bundle: Bundle, session: Session) {
    this.manifest = bundle.manifest;
    this.#bundle = bundle;
    this.#session = session;
  }

  async predict(examples: readonly ExampleInput[], options: PredictOptions = {}): Promise<Prediction[]> {
    const { tokenizer, manifest } = this.#bundle;
    const encode = exampleEncoder(tokenizer, { maxLength: manifest.text.maxLength });
    const encoded = examples.map(encode);
    const probabilities = new Float64Array(examples.length);
    let done = 0;
    for (const batch of planPaddedBatches(encoded.map(({ ids }) => ids.length), tokensPerBatch)) {
      options.signal?.throwIfAborted();
      const { logits } = await this.#session.run(padded(batch.map((i) => (encoded[i] as EncodedExample).ids), tokenizer.padId));
      batch.forEach((example, row) => (probabilities[example] = initiativeProbability(logits as Tensor, row)));
      done += batch.length;
      options.onProgress?.(done, examples.length);
      // A run blocks the thread; here timers, such as a worker's heartbeat, get their turn.
      await breathe();
    }
    const threshold = options.threshold ?? manifest.decision.threshold;
    return examples.map(({ id }, i) => {
      const probability = probabilities[i] as number;
      return { id, probability, initiative: probability >= threshold, threshold, truncated: (encoded[i] as EncodedExample).truncated };
    });
  }

  async predictNext(conversations: readonly Conversation[], options?: PredictOptions): Promise<Prediction[]> {
    const { protocol } = this.manifest.text;
    return this.predict(conversations.map((conversation) => nextSystemTurn(conversation, protocol)), options);
  }

  async *predictStream(conversations: Iterable<Conversation> | AsyncIterable<Conversation>, options?: PredictOptions): AsyncIterable<Prediction> {
    let chunk: Conversation[] = [];
    for await (const conversation of conversations) {
      if (chunk.push(conversation) < conversationsPerChunk) continue;
      yield* await this.predictNext(chunk, options);
      chunk = [];
    }
    yield* await this.predictNext(chunk, options);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Feeds of one batch, each int64 [batch, longest]. */
function padded(sequences: readonly (readonly number[])[], padId: number): Record<string, Tensor> {
  const longest = Math.max(...sequences.map(({ length }) => length));
  const shape = [sequences.length, longest];
  const ids = new BigInt64Array(sequences.length * longest).fill(BigInt(padId));
  const mask = new BigInt64Array(ids.length);
  sequences.forEach((sequence, row) => {
    sequence.forEach((id, column) => (ids[row * longest + column] = BigInt(id)));
    mask.fill(1n, row * longest, row * longest + sequence.length);
  });
  return { [paddedInputs.ids]: int64(shape, ids), [paddedInputs.mask]: int64(shape, mask), [paddedInputs.tokenTypes]: int64(shape) };
}

/** Softmax over a row of the logits [batch, 2], class 1. */
function initiativeProbability(logits: Tensor, row: number): number {
  const [no, yes] = [logits.data[2 * row] as number, logits.data[2 * row + 1] as number];
  return 1 / (1 + Math.exp(no - yes));
}
