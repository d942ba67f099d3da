import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';

/** A call for the thread: a function of a module it has received, and the arguments. */
export interface KernelCall {
  readonly module: number;
  readonly name: string;
  readonly numbers: readonly number[];
}

/** The worker data of the thread's program. */
export interface KernelThreadStart {
  readonly memory: WebAssembly.Memory;
  /** int32: ready flag, number of calls started, number of calls finished. */
  readonly state: Int32Array;
  /** float64: result of the last call. */
  readonly result: Float64Array;
  /** Carries modules (Uint8Array) and calls. */
  readonly port: MessagePort;
}

/** Indices of the shared state. */
export const kernelThreadState = { ready: 0, asked: 1, answered: 2 } as const;

const longest = 60_000; // ms: a call takes milliseconds

/**
 * A thread that runs vector loops in parallel with its caller. Both block while they wait for each other:
 * going through an event loop would take longer than the loops.
 */
export class KernelThread {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #state = new Int32Array(new SharedArrayBuffer(12));
  readonly #result = new Float64Array(new SharedArrayBuffer(8));
  #modules = 0;
  #closed = false;

  constructor(memory: WebAssembly.Memory) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: KernelThreadStart = { memory, state: this.#state, result: this.#result, port: port2 };
    this.#worker = new Worker(new URL('./kernel-thread-main.ts', import.meta.url), {
      workerData,
      transferList: [port2],
    });
    this.#worker.unref();
    this.#port.unref();
  }

  /** Whether the thread accepts calls. */
  get isReady(): boolean {
    return !this.#closed && Atomics.load(this.#state, kernelThreadState.ready) === 1;
  }

  /**
   * Sends a module to the thread.
   * @returns the module's number in calls
   */
  add(module: Uint8Array): number {
    this.#port.postMessage(module);
    return this.#modules++;
  }

  /** Starts a call. The previous call must be finished. */
  start(call: KernelCall): void {
    this.#port.postMessage(call);
    Atomics.add(this.#state, kernelThreadState.asked, 1);
    Atomics.notify(this.#state, kernelThreadState.asked);
  }

  /**
   * Waits for the call and returns its result, or 0 if it has none.
   * @throws Error after 60 s without a result
   */
  finish(): number {
    const asked = Atomics.load(this.#state, kernelThreadState.asked);
    for (let answered; (answered = Atomics.load(this.#state, kernelThreadState.answered)) !== asked;) {
      if (Atomics.wait(this.#state, kernelThreadState.answered, answered, longest) === 'timed-out')
        throw new Error(`The thread for vector loops must answer within ${longest} ms. It has not.`);
    }
    return this.#result[0];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#port.close();
    await this.#worker.terminate();
  }
}
