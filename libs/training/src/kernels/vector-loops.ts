import { instantiateKernels, type Kernel, type Kernels } from './compile-kernels.ts';
import { KernelThread } from './kernel-thread.ts';
import { assembleModule, type WasmFunction } from './wasm-assembler.ts';

const cacheLine = 64; // bytes
const leastForThread = 2 ** 20; // bytes: with less, the second thread costs more time than it saves

/**
 * Compiles vector loops over one memory. A loop runs in two halves whose results are added; a second thread,
 * if there is one, takes the second half. One core does not use the full memory bandwidth, and more than two
 * gain little. The halves are the same with and without the thread, so the results are too.
 */
export class VectorLoops {
  readonly #memory: WebAssembly.Memory;
  readonly #thread: KernelThread | undefined;

  /** @param threads 1: only the caller's thread; otherwise also a second one. Default 1 */
  constructor(memory: WebAssembly.Memory, threads = 1) {
    this.#memory = memory;
    this.#thread = threads > 1 ? new KernelThread(memory) : undefined;
  }

  /**
   * @param functions whose parameters are addresses (i32), the last of which is the end of the first range,
   * then factors (f32). The results of both halves are added; no result counts as 0
   */
  compile(functions: readonly WasmFunction[]): Kernels {
    const assembled = assembleModule(functions);
    const whole = instantiateKernels(this.#memory, assembled);
    const module = this.#thread?.add(assembled);
    return Object.fromEntries(
      functions.map(({ name, parameters }) => [
        name,
        this.#inHalves(whole[name], {
          name,
          module,
          addresses: parameters.filter((type) => type === 'i32').length - 1,
        }),
      ]),
    );
  }

  /** Number of threads in use. The second thread becomes available shortly after the start, until `close`. */
  get threads(): number {
    return this.#thread?.isReady === true ? 2 : 1;
  }

  close(): Promise<void> {
    return this.#thread?.close() ?? Promise.resolve();
  }

  #inHalves(
    loop: Kernel,
    {
      name,
      module,
      addresses,
    }: { readonly name: string; readonly module: number | undefined; readonly addresses: number },
  ): Kernel {
    return (...numbers) => {
      const [starts, end, factors] = [
        numbers.slice(0, addresses),
        numbers[addresses],
        numbers.slice(addresses + 1),
      ];
      const length = end - starts[0];
      if (length <= 0) return 0;
      const half = Math.ceil(length / 2 / cacheLine) * cacheLine;
      const first = (): number => loop(...starts, Math.min(end, starts[0] + half), ...factors) || 0;
      if (half >= length) return first();
      const second = [...starts.map((start) => start + half), end, ...factors];
      const thread = length < leastForThread || this.threads === 1 ? undefined : this.#thread;
      if (thread === undefined) return first() + (loop(...second) || 0);
      thread.start({ module: module!, name, numbers: second });
      return first() + thread.finish();
    };
  }
}
