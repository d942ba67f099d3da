import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';

/** What a thread is asked: a function of a module that it was given, and its arguments. */
export interface KernelCall {
  readonly module: number;
  readonly name: string;
  readonly numbers: readonly number[];
}

/** What the thread's program is started with. */
export interface KernelThreadStart {
  readonly memory: WebAssembly.Memory;
  /** int32: whether the thread listens; calls asked; calls answered. */
  readonly state: Int32Array;
  /** float64: the last result. */
  readonly result: Float64Array;
  /** Brings modules, Uint8Array, and calls. */
  readonly port: MessagePort;
}

export const kernelThreadState = { ready: 0, asked: 1, answered: 2 } as const;

const longest = 60_000; // ms: a call takes milliseconds

/** A thread that runs vector loops while its caller runs others. Both wait for each other without an event loop, which would cost more than the loops. */
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
    this.#worker = new Worker(new URL('./kernel-thread-main.ts', import.meta.url), { workerData, transferList: [port2] });
    this.#worker.unref();
    this.#port.unref();
  }

  get isReady(): boolean {
    return !this.#closed && Atomics.load(this.#state, kernelThreadState.ready) === 1;
  }

  /** Takes note of a module. @returns how calls name it */
  add(module: Uint8Array): number {
    this.#port.postMessage(module);
    return this.#modules++;
  }

  /** Begins a call. The one before must be finished. */
  start(call: KernelCall): void {
    this.#port.postMessage(call);
    Atomics.add(this.#state, kernelThreadState.asked, 1);
    Atomics.notify(this.#state, kernelThreadState.asked);
  }

  /** The result of the call that was begun, 0 where it has none. */
  finish(): number {
    const asked = Atomics.load(this.#state, kernelThreadState.asked);
    for (let answered; (answered = Atomics.load(this.#state, kernelThreadState.answered)) !== asked; ) {
      if (Atomics.wait(this.#state, kernelThreadState.answered, answered, longest) === 'timed-out') throw new Error(`The thread for vector loops must answer within ${longest} ms. It has not.`);
    }
    return this.#result[0];
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#port.close();
    await this.#worker.terminate();
  }
}
