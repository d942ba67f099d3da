import { AppError } from '@overture/core';
import { ChildSession } from './child-session.ts';
import { usageTogether, type ProcessUsage } from './process-usage.ts';
import type { RuntimeOptions } from './runtime-options.ts';
import type { Tensors } from './session.ts';

/** Options of `openSessionPool`. */
export interface SessionPoolOptions extends RuntimeOptions {
  /** Maximum number of processes, each with a copy of the weights; started on demand. Default 1. */
  readonly processes?: number;
  /** The graph's name, for messages. Default: its path. */
  readonly name?: string;
}

/**
 * An ONNX file that runs in child processes: the caller's thread stays free, and a native crash fails only
 * one run.
 */
export interface SessionPool {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Maximum number of parallel runs. */
  readonly processes: number;
  /** Ids of the current processes. */
  processIds(): readonly number[];
  /** Resource usage of all processes, including ended ones, as of their last runs. */
  usage(): ProcessUsage;
  /**
   * Runs the graph in the next free process.
   * @throws AppError as `Session.run`; `RUNTIME_CHILD_DIED` (retryable: another process replaces it),
   * `RUNTIME_SESSION_CLOSED`
   */
  run(feeds: Tensors): Promise<Tensors>;
  /** Ends the processes and rejects running and queued runs. Can be called more than once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens an ONNX file in a first process. More processes start when runs are queued.
 * @throws AppError `RUNTIME_LOAD_FAILED`, `RUNTIME_PROVIDER_UNAVAILABLE`, `RUNTIME_CHILD_DIED`
 */
export async function openSessionPool(path: string, options: SessionPoolOptions = {}): Promise<SessionPool> {
  const { processes = 1, name = path, onWarning, ...runtime } = options;
  const start = (): Promise<ChildSession> => ChildSession.open({ path, name, runtime });
  const first = await start();
  if (first.opened.warning !== undefined) onWarning?.(first.opened.warning);
  return new ChildSessionPool(name, { first, start, processes });
}

interface Waiter {
  resolve(child: ChildSession): void;
  reject(error: unknown): void;
}

class ChildSessionPool implements SessionPool {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly processes: number;
  readonly #name: string;
  readonly #start: () => Promise<ChildSession>;
  readonly #children = new Set<ChildSession>();
  readonly #idle: ChildSession[] = [];
  readonly #waiters: Waiter[] = [];
  /** Resource usage of processes that died. */
  readonly #gone: ProcessUsage[] = [];
  #starting = 0;
  #closed = false;

  constructor(
    name: string,
    {
      first,
      start,
      processes,
    }: { first: ChildSession; start: () => Promise<ChildSession>; processes: number },
  ) {
    this.#name = name;
    this.inputs = first.opened.inputs;
    this.outputs = first.opened.outputs;
    this.processes = processes;
    this.#start = start;
    this.#children.add(first);
    this.#idle.push(first);
  }

  processIds(): readonly number[] {
    return [...this.#children].map(({ processId }) => processId);
  }

  usage(): ProcessUsage {
    return usageTogether([...this.#gone, ...[...this.#children].map(({ usage }) => usage)]);
  }

  async run(feeds: Tensors): Promise<Tensors> {
    const child = await this.#take();
    try {
      return await child.run(feeds);
    } catch (error) {
      throw this.#closed ? this.#closedError() : error;
    } finally {
      this.#give(child);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#closedError());
    await Promise.all([...this.#children].map((child) => child.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(): Promise<ChildSession> {
    if (this.#closed) return Promise.reject(this.#closedError());
    for (let child = this.#idle.pop(); child !== undefined; child = this.#idle.pop()) {
      if (child.alive) return Promise.resolve(child);
      this.#forget(child); // it died between two runs
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#grow();
    });
  }

  #give(child: ChildSession): void {
    if (!child.alive) {
      this.#forget(child);
      if (this.#waiters.length > 0) this.#grow();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#idle.push(child);
    else waiter.resolve(child);
  }

  #forget(child: ChildSession): void {
    if (this.#children.delete(child)) this.#gone.push(child.usage);
  }

  #grow(): void {
    if (this.#closed || this.#children.size + this.#starting >= this.processes) return;
    this.#starting++;
    this.#start().then(
      (child) => {
        this.#starting--;
        if (this.#closed) return void child.close();
        this.#children.add(child);
        this.#give(child);
      },
      (error: unknown) => {
        this.#starting--;
        // the remaining processes, if any, handle the other runs
        const hopeless = this.#children.size + this.#starting === 0 ? this.#waiters.length : 1;
        for (const waiter of this.#waiters.splice(0, hopeless)) waiter.reject(error);
      },
    );
  }

  #closedError(): AppError {
    return new AppError(
      'RUNTIME_SESSION_CLOSED',
      `Session ${this.#name} must be open to run. Got a closed one: load the graph again.`,
    );
  }
}
