import { add, graphBuilder, matmul, type Graph } from '@overture/graph';
import { float32, int64 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { checkProvider } from './execution-provider.ts';
import { openRuntime } from './runtime.ts';

function doubled(): Graph {
  const builder = graphBuilder('doubled');
  const x = builder.input('x', 'float32', ['rows', 2]);
  builder.output('y', add(x, x));
  builder.output('sum', add(add(x, x), 1));
  return builder.build();
}

describe('a session', () => {
  it('runs with any length of a named axis and tells its names', async () => {
    await using session = await openRuntime().load(doubled());
    expect([session.name, session.inputs, session.outputs]).toEqual(['doubled', ['x'], ['y', 'sum']]);
    for (const rows of [0, 1, 3]) {
      const x = float32(
        [rows, 2],
        Array.from({ length: rows * 2 }, (_, i) => i),
      );
      expect((await session.run({ x }))['y']).toEqual(
        float32(
          [rows, 2],
          Array.from({ length: rows * 2 }, (_, i) => 2 * i),
        ),
      );
    }
  });

  it('reads feeds in place and writes into given tensors, computing only those', async () => {
    await using session = await openRuntime().load(doubled());
    const [x, y] = [float32([1, 2], [1, 2]), float32([1, 2])];
    const result = await session.run({ x }, { y });
    expect(result).toEqual({ y });
    expect(result['y']).toBe(y);
    expect([...y.data]).toEqual([2, 4]);
    x.data[0] = 10;
    await session.run({ x }, { y });
    expect([...y.data]).toEqual([20, 4]);
  });

  it('names a missing feed, a wrong shape, a wrong type and an unknown output', async () => {
    await using session = await openRuntime().load(doubled());
    await expect(session.run({ z: float32([1]) })).rejects.toThrow(
      'Graph doubled must be fed "x" (float32 [rows, 2]). Got z instead.',
    );
    await expect(session.run({ x: float32([2, 3]) })).rejects.toThrow(
      'Input "x" of graph doubled must be float32 [rows, 2]. Got float32 [2, 3] with 6 elements instead.',
    );
    await expect(session.run({ x: int64([1, 2]) })).rejects.toMatchObject({
      code: 'RUNTIME_FEED_MISMATCH',
      retryable: false,
    });
    await expect(session.run({ x: float32([1, 2]) }, { w: float32([1]) })).rejects.toThrow(
      'An output of doubled must be one of y, sum. Got "w" instead.',
    );
    await expect(session.run({ x: float32([1, 2]) }, { y: float32([5, 2]) })).rejects.toMatchObject({
      code: 'RUNTIME_RUN_FAILED',
    });
  });

  it('refuses to run when closed; closing twice is allowed', async () => {
    const session = await openRuntime().load(doubled());
    await session.close();
    await session.close();
    await expect(session.run({ x: float32([1, 2]) })).rejects.toThrow('Session doubled must be open to run.');
  });

  it('gives memory back on close', async () => {
    const builder = graphBuilder('large');
    builder.output(
      'y',
      matmul(builder.input('x', 'float32', [1, 2000]), builder.constant(float32([2000, 2000]), 'w')),
    );
    const graph = builder.build(); // 16 MB of weights
    const runtime = openRuntime({ threads: 1 });
    const cycle = async (): Promise<void> => {
      await using session = await runtime.load(graph);
      await session.run({ x: float32([1, 2000]) });
    };
    for (let i = 0; i < 5; i++) await cycle();
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 60; i++) await cycle();
    // Sessions that are not freed would take 960 MB or more. Garbage that V8 has not collected yet is well
    // under half of that.
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 16e6 * 0.5);
  });

  it('reports a file that is no ONNX file', async () => {
    await expect(openRuntime().load(Uint8Array.of(1, 2, 3), { name: 'broken.onnx' })).rejects.toThrow(
      'Graph broken.onnx was not accepted by onnxruntime',
    );
  });
});

describe('checkProvider', () => {
  it('passes cpu, warns of the untried, refuses what is not there', () => {
    expect(checkProvider('cpu', ['cpu'])).toBeUndefined();
    expect(checkProvider('webgpu', ['cpu', 'webgpu'])).toContain('webgpu has not been tried by this project');
    expect(() => checkProvider('cuda', ['cpu', 'webgpu'])).toThrow(
      'must be one of cpu, webgpu. Got "cuda" instead: use "cpu".',
    );
    expect(() => openRuntime({ executionProvider: 'dml' })).toThrow('Got "dml" instead');
  });
});
