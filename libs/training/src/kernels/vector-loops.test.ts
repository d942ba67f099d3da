import { counterRandom } from '@overture/core';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { KernelThread } from './kernel-thread.ts';
import { vectorKernels, type VectorKernels } from './vector-kernels.ts';
import { VectorLoops } from './vector-loops.ts';
import { assembleModule, wasm } from './wasm-assembler.ts';

const n = 600_004; // halves of different lengths, each long enough for the thread
const random = counterRandom(1, 'loops');
const numbers = Float32Array.from({ length: 2 * n }, (_, i) => random.normal(i));

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await setTimeout(5);
};

/** Sums squares, adds twice, sums squares again, and returns the results. */
function work({ sumOfSquares, add }: VectorKernels, values: Float32Array): readonly unknown[] {
  values.set(numbers);
  const before = sumOfSquares(0, n);
  for (let i = 0; i < 2; i++) add(0, 4 * n, n);
  return [before, sumOfSquares(0, n), sumOfSquares(0, 12), values.slice()];
}

describe('VectorLoops', () => {
  it('gives the same bits with one thread and with two', async () => {
    const results: unknown[] = [];
    for (const threads of [1, 2]) {
      const memory = new WebAssembly.Memory({ initial: 100, maximum: 100, shared: true });
      const loops = new VectorLoops(memory, threads);
      const kernels = vectorKernels(loops);
      await until(() => loops.threads === threads);
      results.push(work(kernels, new Float32Array(memory.buffer, 0, 2 * n)));
      await loops.close();
    }
    expect(results[1]).toEqual(results[0]);
  });

  it('goes on alone once its thread is closed', async () => {
    const memory = new WebAssembly.Memory({ initial: 100, maximum: 100, shared: true });
    const loops = new VectorLoops(memory, 2);
    await until(() => loops.threads === 2);
    await loops.close();
    expect(loops.threads).toBe(1);
    new Float32Array(memory.buffer, 0, n).fill(2);
    expect(vectorKernels(loops).sumOfSquares(0, n)).toBe(4 * n);
  });
});

it('KernelThread answers one call after another, of every module', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const thread = new KernelThread(memory);
  await until(() => thread.isReady);
  const times = (count: number): Uint8Array<ArrayBuffer> =>
    assembleModule([
      {
        name: 'times',
        parameters: ['f64'],
        result: 'f64',
        locals: [],
        body: [
          ...wasm.get(0),
          ...Array.from({ length: count - 1 }, () => [...wasm.get(0), ...wasm.f64Add]).flat(),
        ],
      },
    ]);
  const modules = [2, 3].map((count) => thread.add(times(count)));
  const answers = [0, 1, 0].map((which, i) => {
    thread.start({ module: modules[which], name: 'times', numbers: [10 + i] });
    return thread.finish();
  });
  expect(answers).toEqual([20, 33, 24]);
  await thread.close();
});
