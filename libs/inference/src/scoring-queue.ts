import { AppError } from '@overture/core';
import { takeBatch, type BatchLimits } from './take-batch.ts';

/** How batches are filled and run. */
export interface ScoringQueueOptions {
  /** Scores the sequences of one batch, in order. */
  readonly run: (sequences: readonly (readonly number[])[]) => Promise<readonly number[]>;
  /** Maximum number of concurrent batches. */
  readonly concurrency: number;
  readonly batch: BatchLimits;
  /** Maximum number of queued sequences; further callers wait in `room`. */
  readonly capacity: number;
}

/** Any object; requests with the same owner are dropped together. */
export type QueueOwner = object;

interface Waiting {
  readonly sequence: readonly number[];
  readonly owner: QueueOwner;
  resolve(score: number): void;
  reject(error: unknown): void;
}

/**
 * Merges the requests of many callers into batches. When a slot becomes free, queued sequences of similar
 * length run together, oldest first. No request waits to fill a batch: one that finds a free slot runs at
 * once.
 */
export class ScoringQueue {
  readonly #options: ScoringQueueOptions;
  readonly #waiting: Waiting[] = [];
  readonly #forRoom: (() => void)[] = [];
  readonly #running = new Set<Promise<void>>();
  #scheduled = false;
  #closed = false;

  constructor(options: ScoringQueueOptions) {
    this.#options = options;
  }

  /** Resolves when another sequence can be queued: backpressure for callers with many sequences. */
  async room(): Promise<void> {
    while (this.#waiting.length >= this.#options.capacity && !this.#closed)
      await new Promise<void>((resolve) => this.#forRoom.push(resolve));
  }

  /**
   * The score of a sequence.
   * @throws the reason given to `drop`, the error of `run`, `PREDICTOR_CLOSED`
   */
  score(sequence: readonly number[], owner: QueueOwner): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      this.#waiting.push({ sequence, owner, resolve, reject });
      this.#schedule();
    });
  }

  /** Removes the queued sequences of an owner and rejects them with the reason. */
  drop(owner: QueueOwner, reason: unknown): void {
    this.#take((waiting) => waiting.owner === owner).forEach(({ reject }) => reject(reason));
  }

  /** Rejects queued sequences, and resolves when running batches have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#take(() => true).forEach(({ reject }) => reject(closedError()));
    await Promise.all(this.#running);
  }

  /** Runs after the current turn of the event loop, so that requests from one turn can share a batch. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#running.size < this.#options.concurrency && this.#waiting.length > 0) this.#start();
    });
  }

  #start(): void {
    const chosen = new Set(
      takeBatch(
        this.#waiting.map(({ sequence }) => sequence.length),
        this.#options.batch,
      ).map((i) => this.#waiting[i]),
    );
    const batch = this.#take((waiting) => chosen.has(waiting));
    const running = this.#options.run(batch.map(({ sequence }) => sequence)).then(
      (scores) => batch.forEach(({ resolve }, i) => resolve(scores[i]!)),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
    this.#running.add(running);
    void running.then(() => {
      this.#running.delete(running);
      this.#schedule();
    });
  }

  #take(which: (waiting: Waiting) => boolean): Waiting[] {
    const taken = this.#waiting.filter(which);
    const left = this.#waiting.filter((waiting) => !which(waiting));
    this.#waiting.splice(0, Infinity, ...left);
    for (const roomy of this.#forRoom.splice(0)) roomy();
    return taken;
  }
}

function closedError(): AppError {
  return new AppError(
    'PREDICTOR_CLOSED',
    'A predictor must be open to predict. Got a closed one: open the bundle again.',
  );
}
