import { graphBuilder, matmul, mul } from '@overture/graph';
import { float32, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { openRuntime } from './runtime.ts';

const runtime = openRuntime({ threads: 1 });

function doubled(): ReturnType<ReturnType<typeof graphBuilder>['build']> {
  const builder = graphBuilder('doubled');
  const x = builder.input('x', 'float32', [2, 2]);
  builder.output('y', mul(matmul(x, x), 2));
  builder.output('z', mul(x, 3));
  return builder.build();
}

function shared(values: readonly number[]): Tensor {
  const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
  data.set(values);
  return float32([2, 2], data);
}

describe('a session in a thread', () => {
  it("gives what one in the caller's thread gives", async () => {
    await using here = await runtime.load(doubled());
    await using there = await runtime.load(doubled(), { inThread: true });
    expect([there.name, there.inputs, there.outputs]).toEqual([here.name, here.inputs, here.outputs]);
    const x = float32([2, 2], [1, 2, 3, 4]);
    expect(await there.run({ x })).toEqual(await here.run({ x }));
  });

  it('reads and writes shared memory in place, and copies what is not shared', async () => {
    await using session = await runtime.load(doubled(), { inThread: true });
    const x = shared([1, 2, 3, 4]);
    const into = { y: shared([0, 0, 0, 0]), z: float32([2, 2]) };
    const results = await session.run({ x }, into);
    expect([...into.y.data, ...into.z.data]).toEqual([14, 20, 30, 44, 3, 6, 9, 12]);
    expect(results['y'].data).toBe(into.y.data);
    (x.data as Float32Array)[0] = 0;
    await session.run({ x }, into);
    expect([...into.y.data]).toEqual([12, 16, 24, 44]);
  });

  it('runs beside the caller: questions are answered in their order', async () => {
    await using session = await runtime.load(doubled(), { inThread: true });
    const answers = await Promise.all(
      [1, 2, 3].map((k) => session.run({ x: float32([2, 2], [k, 0, 0, k]) })),
    );
    expect(answers.map(({ y }) => y.data[0])).toEqual([2, 8, 18]);
  });

  it('passes errors on with their codes', async () => {
    await expect(
      runtime.load(new Uint8Array([1, 2, 3]), { inThread: true, name: 'broken' }),
    ).rejects.toMatchObject({ code: 'RUNTIME_LOAD_FAILED' });
    const session = await runtime.load(doubled(), { inThread: true });
    await expect(session.run({ x: float32([3], [1, 2, 3]) })).rejects.toMatchObject({
      code: 'RUNTIME_FEED_MISMATCH',
    });
    await expect(session.run({})).rejects.toMatchObject({ code: 'RUNTIME_FEED_MISSING' });
    await session.close();
    await session.close();
    await expect(session.run({})).rejects.toMatchObject({ code: 'RUNTIME_SESSION_CLOSED' });
  });
});
