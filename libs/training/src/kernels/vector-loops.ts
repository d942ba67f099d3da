import { instantiateKernels, type Kernel, type Kernels } from './compile-kernels.ts';
import { KernelThread } from './kernel-thread.ts';
import { assembleModule, type WasmFunction } from './wasm-assembler.ts';

const cacheLine = 64; // bytes
const leastForThread = 2 ** 20; // bytes: below, asking another thread takes longer

/**
 * Vector loops over one memory. A loop runs in two halves, whose results are added; where there is a second thread, it takes the second half.
 * These loops touch many bytes and compute little: one core does not fill the way to memory, and more than two gain little. The halves are
 * the same with and without the thread, so their numbers are too.
 */
export class VectorLoops {
  readonly #memory: WebAssembly.Memory;
  readonly #thread: KernelThread | undefined;

  /** @param threads 1: the caller's alone */
  constructor(memory: WebAssembly.Memory, threads = 1) {
    this.#memory = memory;
    this.#thread = threads > 1 ? new KernelThread(memory) : undefined;
  }

  /** @param functions of addresses (i32), the last of which is the end of the first, and of factors (f32); what they give is added, 0 where that is nothing */
  compile(functions: readonly WasmFunction[]): Kernels {
    const assembled = assembleModule(functions);
    const whole = instantiateKernels(this.#memory, assembled);
    const module = this.#thread?.add(assembled);
    return Object.fromEntries(functions.map(({ name, parameters }) => [name, this.#inHalves(whole[name], { name, module, addresses: parameters.filter((type) => type === 'i32').length - 1 })]));
  }

  /** That take part now: the second is there a moment after the start, until it is closed. */
  get threads(): number {
    return this.#thread?.isReady === true ? 2 : 1;
  }

  close(): Promise<void> {
    return this.#thread?.close() ?? Promise.resolve();
  }

  #inHalves(loop: Kernel, { name, module, addresses }: { readonly name: string; readonly module: number | undefined; readonly addresses: number }): Kernel {
    return (...numbers) => {
      const [starts, end, factors] = [numbers.slice(0, addresses), numbers[addresses], numbers.slice(addresses + 1)];
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
