import { nextSystemTurn, type Conversation, type ExampleInput } from '@overture/dialogue';
import type { ProcessUsage } from '@overture/runtime';
import { exampleEncoder } from '@overture/tokenization';
import type { BundleManifest } from './bundle-manifest.ts';
import {
  openClassifierSession,
  type ClassifierSession,
  type ExecutionOptions,
} from './classifier-session.ts';
import { openBundle, type Bundle } from './open-bundle.ts';
import { initiativeProbability, paddedFeeds } from './padded-feeds.ts';
import { checkPrecision, type Precision } from './precision.ts';
import { ScoringQueue, type QueueOwner } from './scoring-queue.ts';
import type { BatchLimits } from './take-batch.ts';
import { textWarnings, type PredictionWarning } from './text-warnings.ts';

/** A prediction of whether the system takes the initiative. */
export interface Prediction {
  /** The conversation's id; for `predict`, the example's id. */
  readonly id: string;
  /** P(initiative), from 0 to 1, calibrated on the model's validation split. */
  readonly probability: number;
  /** Whether the probability reaches the threshold. */
  readonly initiative: boolean;
  readonly threshold: number;
  /** Whether the conversation was truncated. */
  readonly truncated: boolean;
  /** Reasons to doubt the probability, such as an empty text; absent if there are none. */
  readonly warnings?: readonly PredictionWarning[];
}

/** Options of a prediction. */
export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called as examples are completed. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Replaces the bundle's own threshold. */
  readonly threshold?: number;
}

/** Options of `openPredictor`. */
export interface PredictorOptions extends ExecutionOptions {
  /**
   * Default `float32`. `int8` requires a bundle with an int8 graph: it needs a quarter of the memory and is
   * faster.
   */
  readonly precision?: Precision;
}

/** Resources used by predictions. */
export interface PredictorUsage extends Partial<ProcessUsage> {
  /** Real tokens read by the network; padding is not counted. */
  readonly tokens: number;
}

/** A model, ready to predict. Concurrent calls share its batches. */
export interface Predictor {
  readonly manifest: BundleManifest;
  /** One prediction per example, in order, with the text template and truncation of training. */
  predict(examples: readonly ExampleInput[], options?: PredictOptions): Promise<Prediction[]>;
  /**
   * Predicts the next system turn of each conversation.
   * @throws AppError `CONVERSATION_NOT_WAITING` for a conversation that ends with the system's turn
   */
  predictNext(conversations: readonly Conversation[], options?: PredictOptions): Promise<Prediction[]>;
  /** `predictNext` for a stream of any length, in constant memory. */
  predictStream(
    conversations: Iterable<Conversation> | AsyncIterable<Conversation>,
    options?: PredictOptions,
  ): AsyncIterable<Prediction>;
  /** Resources used so far. On the calling thread, processor time and memory are absent. */
  usage(): PredictorUsage;
  /** Finishes running requests and rejects queued ones (`PREDICTOR_CLOSED`). */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Measured with MiniLM on a CPU: larger batches gain a third at 16 tokens, a tenth at 64 and nothing at 128.
// From 512 tokens on they are slower, because activations exceed the cache. Padding is wasted computation.
const float32Batches: BatchLimits = { tokens: 256, similarity: 0.9 };
// All rows of a quantized product share one scale. A sequence that runs by itself has the same prediction,
// whatever else is requested.
const int8Batches: BatchLimits = { tokens: 0, similarity: 1 };
const capacity = 1024;
const conversationsPerChunk = 256;

/**
 * Opens a bundle folder for predictions. The folder must remain while the predictor is open.
 * @throws AppError `BUNDLE_INVALID` and others that name the faulty file, `PRECISION_UNFIT`,
 * `RUNTIME_LOAD_FAILED`
 */
export async function openPredictor(
  folder: string,
  { precision = 'float32', ...execution }: PredictorOptions = {},
): Promise<Predictor> {
  checkPrecision(precision, execution.executionProvider);
  const bundle = await openBundle(folder, { precision });
  const session = await openClassifierSession(bundle.graph, execution);
  return new BundlePredictor(bundle, session, precision === 'int8' ? int8Batches : float32Batches);
}

class BundlePredictor implements Predictor {
  readonly manifest: BundleManifest;
  readonly #bundle: Bundle;
  readonly #session: ClassifierSession;
  readonly #queue: ScoringQueue;
  #tokens = 0;

  constructor(bundle: Bundle, session: ClassifierSession, batch: BatchLimits) {
    this.manifest = bundle.manifest;
    this.#bundle = bundle;
    this.#session = session;
    const options = { padId: bundle.tokenizer.padId, inputs: session.inputs };
    this.#queue = new ScoringQueue({
      concurrency: session.concurrency,
      capacity,
      batch,
      run: async (sequences) => {
        const { logits } = await session.run(paddedFeeds(sequences, options));
        this.#tokens += sequences.reduce((sum, { length }) => sum + length, 0);
        return sequences.map((_, row) => initiativeProbability(logits!, row));
      },
    });
  }

  async predict(examples: readonly ExampleInput[], options: PredictOptions = {}): Promise<Prediction[]> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    const { tokenizer, manifest } = this.#bundle;
    const threshold = options.threshold ?? manifest.decision.threshold;
    const encode = exampleEncoder(tokenizer, { maxLength: manifest.text.maxLength });
    const owner: QueueOwner = {};
    const giveUp = (): void => this.#queue.drop(owner, signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      let done = 0;
      const predictions: Promise<Prediction>[] = [];
      for (const example of examples) {
        await this.#queue.room();
        signal?.throwIfAborted();
        const encoded = encode(example);
        const { ids, truncated } = encoded;
        const warnings = textWarnings(example, encoded, tokenizer);
        const predicted = this.#queue.score(ids, owner).then((probability): Prediction => {
          onProgress?.(++done, examples.length);
          return {
            id: example.id,
            probability,
            initiative: probability >= threshold,
            threshold,
            truncated,
            ...(warnings.length > 0 && { warnings }),
          };
        });
        predicted.catch(() => undefined); // Promise.all below throws it, possibly later
        predictions.push(predicted);
      }
      return await Promise.all(predictions);
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.#queue.drop(owner, signal?.reason); // after a failure, nothing needs the remaining predictions
    }
  }

  async predictNext(conversations: readonly Conversation[], options?: PredictOptions): Promise<Prediction[]> {
    const { protocol } = this.manifest.text;
    return this.predict(
      conversations.map((conversation) => ({
        ...nextSystemTurn(conversation, protocol),
        id: conversation.id,
      })),
      options,
    );
  }

  async *predictStream(
    conversations: Iterable<Conversation> | AsyncIterable<Conversation>,
    options?: PredictOptions,
  ): AsyncIterable<Prediction> {
    let chunk: Conversation[] = [];
    for await (const conversation of conversations) {
      if (chunk.push(conversation) < conversationsPerChunk) continue;
      yield* await this.predictNext(chunk, options);
      chunk = [];
    }
    yield* await this.predictNext(chunk, options);
  }

  usage(): PredictorUsage {
    return { ...this.#session.usage(), tokens: this.#tokens };
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
