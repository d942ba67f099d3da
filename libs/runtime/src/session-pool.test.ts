import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { add, encodeOnnx, graphBuilder, matmul } from '@overture/graph';
import { float32 } from '@overture/tensors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSessionPool } from './session-pool.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-pool-'));
  path = join(folder, 'graph.onnx');
  const builder = graphBuilder('graph');
  const x = builder.input('x', 'float32', ['n', 'n']);
  builder.output('y', add(x, x));
  builder.output('work', matmul(matmul(x, x), matmul(x, x)));
  await writeFile(path, encodeOnnx(builder.build()));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const small = { x: float32([2, 2], [1, 2, 3, 4]) };
const hours = (): Record<string, ReturnType<typeof float32>> => ({ x: float32([4000, 4000]) });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('openSessionPool', () => {
  it('runs elsewhere, in as many processes as there is work for', async () => {
    await using pool = await openSessionPool(path, { processes: 2, threads: 1 });
    expect([pool.inputs, pool.outputs]).toEqual([['x'], ['y', 'work']]);
    expect((await pool.run(small))['y']).toEqual(float32([2, 2], [2, 4, 6, 8]));
    expect(pool.processIds()).toHaveLength(1);
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, i) => pool.run({ x: float32([1, 1], [i]) })),
    );
    expect(results.map(({ y }) => y!.data[0])).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(pool.usage().peakBytes).toBeGreaterThan(10e6);
  });

  it('loses one run to a crash and goes on in another process', async () => {
    await using pool = await openSessionPool(path, { name: 'the graph', threads: 1 });
    const [pid] = pool.processIds();
    const before = pool.usage();
    const running = pool.run(hours()).catch((error: unknown) => error);
    await sleep(20);
    process.kill(pid!, 'SIGKILL');
    const failure = await running;
    expect(failure).toMatchObject({
      code: 'RUNTIME_CHILD_DIED',
      retryable: true,
      details: { signal: 'SIGKILL' },
    });
    expect((failure as Error).message).toContain(
      'The child process of graph the graph must end with a result. It died of SIGKILL',
    );
    expect((await pool.run(small))['y']!.data[3]).toBe(8);
    expect(pool.processIds()).not.toContain(pid);
    expect(pool.usage().cpuSeconds).toBeGreaterThan(1.2 * before.cpuSeconds); // of both processes
  });

  it('passes on what the session refuses, and stays open', async () => {
    await using pool = await openSessionPool(path, { threads: 1 });
    await expect(pool.run({})).rejects.toMatchObject({ code: 'RUNTIME_FEED_MISSING', retryable: false });
    expect((await pool.run(small))['y']!.data[0]).toBe(2);
  });

  it('ends its processes on close and refuses to run then', async () => {
    const pool = await openSessionPool(path, { threads: 1 });
    const pids = pool.processIds();
    const pending = [pool.run(hours()), pool.run(small)].map((run) => run.catch((error: unknown) => error));
    await pool.close();
    await pool.close();
    for (const failure of await Promise.all(pending))
      expect(failure).toMatchObject({ code: 'RUNTIME_SESSION_CLOSED' });
    await expect(pool.run(small)).rejects.toThrow('Session');
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('says why a file does not open', async () => {
    const broken = join(folder, 'broken.onnx');
    await writeFile(broken, 'no graph');
    await expect(openSessionPool(broken)).rejects.toMatchObject({ code: 'RUNTIME_LOAD_FAILED' });
    await expect(openSessionPool(path, { executionProvider: 'dml' })).rejects.toMatchObject({
      code: 'RUNTIME_PROVIDER_UNAVAILABLE',
    });
  });
});
