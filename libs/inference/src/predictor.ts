import { nextSystemTurn, type Conversation, type ExampleInput } from '@overture/dialogue';
import type { ProcessUsage } from '@overture/runtime';
import { exampleEncoder } from '@overture/tokenization';
import type { BundleManifest } from './bundle-manifest.ts';
import { openClassifierSession, type ClassifierSession, type ExecutionOptions } from './classifier-session.ts';
import { openBundle, type Bundle } from './open-bundle.ts';
import { initiativeProbability, paddedFeeds } from './padded-feeds.ts';
import { checkPrecision, type Precision } from './precision.ts';
import { ScoringQueue, type QueueOwner } from './scoring-queue.ts';
import type { BatchLimits } from './take-batch.ts';
import { textWarnings, type PredictionWarning } from './text-warnings.ts';

export interface Prediction {
  /** The conversation's own; of `predict`, the example's. */
  readonly id: string;
  /** Of initiative, 0 to 1, calibrated on the model's validation split. */
  readonly probability: number;
  /** Whether the probability reaches the threshold. */
  readonly initiative: boolean;
  readonly threshold: number;
  /** Whether the conversation was too long to be read whole. */
  readonly truncated: boolean;
  /** Reasons to doubt the probability, such as an empty text; absent if there are none. */
  readonly warnings?: readonly PredictionWarning[];
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  /** Called as examples are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** In place of the bundle's own. */
  readonly threshold?: number;
}

export interface PredictorOptions extends ExecutionOptions {
  /** Default `float32`; `int8` where the bundle has such a graph: a quarter of the memory and faster. */
  readonly precision?: Precision;
}

/** What predictions took. */
export interface PredictorUsage extends Partial<ProcessUsage> {
  /** Real ones that the network read, padding not counted. */
  readonly tokens: number;
}

/** A model, ready to predict. Calls from many places at a time share its batches. */
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
  /** What it took until now; processor and memory of its own processes, and not where it computes on the calling thread. */
  usage(): PredictorUsage;
  /** What runs ends first, what waits is refused (`PREDICTOR_CLOSED`). */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Measured with MiniLM on a CPU: larger batches gain a third at 16 tokens, a tenth at 64, nothing at 128 and lose from 512 tokens on, when
// activations leave the cache; and what is padded is computed for nothing.
const float32Batches: BatchLimits = { tokens: 256, similarity: 0.9 };
// One scale serves all rows of a quantised product: alone, a sequence has the same prediction whoever asks beside it.
const int8Batches: BatchLimits = { tokens: 0, similarity: 1 };
const capacity = 1024;
const conversationsPerChunk = 256;

/**
 * Opens a bundle folder for predictions. The folder has to stay while the predictor is open.
 * @throws AppError `BUNDLE_INVALID` and others that name the file at fault, `PRECISION_UNFIT`, `RUNTIME_LOAD_FAILED`
 */
export async function openPredictor(folder: string, { precision = 'float32', ...execution }: PredictorOptions = {}): Promise<Predictor> {
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
      lanes: session.lanes,
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
          return { id: example.id, probability, initiative: probability >= threshold, threshold, truncated, ...(warnings.length > 0 && { warnings }) };
        });
        predicted.catch(() => undefined); // told by Promise.all below, which may come later
        predictions.push(predicted);
      }
      return await Promise.all(predictions);
    } finally {
      signal?.removeEventListener('abort', giveUp);
      this.#queue.drop(owner, signal?.reason); // after a failure nobody waits for the rest
    }
  }

  async predictNext(conversations: readonly Conversation[], options?: PredictOptions): Promise<Prediction[]> {
    const { protocol } = this.manifest.text;
    return this.predict(conversations.map((conversation) => ({ ...nextSystemTurn(conversation, protocol), id: conversation.id })), options);
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
