import { checkGraph, evaluate, decodeOnnx, encodeOnnx } from '@overture/graph';
import { describe, expect, it } from 'vitest';
import digestOfStep, { trainingFeeds, trainingStep } from './fixtures/training-step.ts';
import { inChildProcess } from './in-child-process.ts';
import { openRuntime } from './runtime.ts';

const jobUrl = new URL('./fixtures/training-step.ts', import.meta.url).href;

describe('a training step', () => {
  it('gives the same bytes with one and two threads, again and in other processes', async () => {
    const expected = await digestOfStep({ threads: 1 });
    expect(await digestOfStep({ threads: 2 })).toBe(expected);
    expect(await digestOfStep({ threads: 2 })).toBe(expected);
    expect(await inChildProcess<string>(jobUrl, { threads: 1 })).toBe(expected);
    expect(await inChildProcess<string>(jobUrl, { threads: 2 })).toBe(expected);
  });

  it('gives the loss and the gradients of the reference evaluator', async () => {
    const graph = trainingStep();
    expect(checkGraph(graph)).toEqual([]);
    expect(checkGraph(decodeOnnx(encodeOnnx(graph), 'step'))).toEqual([]);
    const feeds = trainingFeeds(graph);
    await using session = await openRuntime().load(graph);
    const got = await session.run(feeds);
    for (const [name, expected] of Object.entries(evaluate(graph, feeds))) {
      const wanted = expected.data as Float32Array;
      const [size, error] = [
        norm(wanted),
        norm(Float32Array.from(got[name].data as Float32Array, (value, i) => value - wanted[i])),
      ];
      expect(error, `${name}: error ${error} of ${size}`).toBeLessThan(1e-4 * Math.max(size, 1));
    }
  });
});

function norm(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
