import { AppError } from '@overture/core';
import type { Tensor, TensorData } from '@overture/tensors';
import { Worker } from 'node:worker_threads';
import type { Session, Tensors } from './session.ts';
import {
  toSend,
  type SentEarlier,
  type ThreadAnswer,
  type ThreadRequest,
  type ThreadStart,
} from './thread-messages.ts';

type Opened = Extract<ThreadAnswer, { kind: 'opened' }>;

interface Waiter {
  resolve(answer: ThreadAnswer): void;
  reject(error: Error): void;
}

/**
 * A session in its own worker thread, which runs in parallel with the caller. Tensors in a SharedArrayBuffer
 * are read and written in place; others are copied in both directions.
 */
export class ThreadSession implements Session {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #thread: SessionThread;
  /** Tensors in shared memory that the thread has stored. */
  readonly #sent: { readonly feeds: SentEarlier; readonly into: SentEarlier } = {
    feeds: new Map(),
    into: new Map(),
  };
  #closed = false;

  private constructor(name: string, thread: SessionThread, { inputs, outputs }: Opened) {
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#thread = thread;
  }

  /**
   * Starts the thread and opens the session.
   * @throws AppError `RUNTIME_LOAD_FAILED`, `RUNTIME_PROVIDER_UNAVAILABLE`
   */
  static async open(name: string, start: ThreadStart): Promise<ThreadSession> {
    const thread = new SessionThread(name, start);
    return new ThreadSession(name, thread, (await thread.opened) as Opened);
  }

  async run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>> {
    if (this.#closed)
      throw new AppError(
        'RUNTIME_SESSION_CLOSED',
        `Session ${this.name} must be open to run. Got a closed one: load the graph again.`,
      );
    const known = Object.fromEntries(Object.entries(feeds).filter(([input]) => this.inputs.includes(input)));
    const question = {
      kind: 'run',
      feeds: toSend(known, this.#sent.feeds),
      into: into && toSend(into, this.#sent.into),
    } as const;
    const { outputs } = (await this.#thread.ask(question)) as Extract<ThreadAnswer, { kind: 'ran' }>;
    if (into === undefined) return { ...outputs };
    for (const [output, { data }] of Object.entries(outputs)) copyInto(into[output].data, data);
    return { ...into };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#thread.ended) return;
    await this.#thread.ask({ kind: 'close' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

type Question<R = ThreadRequest> = R extends ThreadRequest ? Omit<R, 'id'> : never;

/** The thread and its pending requests. */
class SessionThread {
  readonly opened: Promise<ThreadAnswer>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiter>();
  #next = 1;
  #ended: AppError | undefined;

  constructor(name: string, start: ThreadStart) {
    this.#worker = new Worker(new URL('./session-thread.ts', import.meta.url), { execArgv: [] });
    this.#worker.postMessage(start);
    this.opened = this.#answerTo(0);
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const waiter = this.#take(answer.id);
      if (answer.kind === 'failed') waiter?.reject(AppError.fromJSON(answer.error));
      else waiter?.resolve(answer);
    });
    const end = (cause: string, error?: unknown): void => {
      const died = new AppError(
        'RUNTIME_RUN_FAILED',
        `The thread of graph ${name} must live until it is closed. It ended: ${cause}.`,
        { cause: error },
      );
      this.#ended ??= died;
      for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(this.#ended);
    };
    this.#worker.on('error', (error) => end(String(error), error));
    this.#worker.on('exit', (code) => end(`exit code ${code}`));
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  ask(question: Question): Promise<ThreadAnswer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = this.#next++;
    this.#worker.postMessage({ ...question, id });
    return this.#answerTo(id);
  }

  #answerTo(id: number): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(id: number): Waiter | undefined {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiter;
  }
}

function copyInto(target: TensorData, source: TensorData): void {
  // the thread has checked that both have the output's dtype
  (target as Float32Array).set(source as Float32Array);
}
