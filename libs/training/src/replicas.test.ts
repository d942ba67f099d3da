import { graphBuilder, mul } from '@overture/graph';
import { openRuntime } from '@overture/runtime';
import { float32 } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { Replicas } from './replicas.ts';

const builder = graphBuilder('doubled');
builder.output('y', mul(builder.input('x', 'float32', [1]), 2));
const graph = builder.build();
const lengths = [9, 3, 7, 7, 1, 8, 2];

describe.each([1, 2, 3])('%i replicas', (threads) => {
  it('run every sequence once, in groups of similar length', async () => {
    await using replicas = await Replicas.open(openRuntime({ threads }), graph);
    expect([replicas.count, replicas.outputs]).toEqual([threads, ['y']]);
    const groups: (readonly number[])[] = [];
    const doubled: number[] = [];
    await replicas.byLength(lengths, 2, async (session, places, begun) => {
      groups[begun / 2] = places;
      const { y } = await session.run({ x: float32([1], [begun]) });
      doubled[begun / 2] = Number(y.data[0]);
    });
    expect(groups).toEqual([[4, 6], [1, 2], [3, 5], [0]]);
    expect(doubled).toEqual([0, 4, 8, 12]);
  });

  it('are idle after a failure, and begin nothing more', async () => {
    await using replicas = await Replicas.open(openRuntime({ threads }), graph);
    let running = 0;
    let begunAfter = 0;
    let failed = false;
    const work = replicas.byLength(
      Array.from({ length: 40 }, () => 1),
      1,
      async (session, _, begun) => {
        if (failed) begunAfter++;
        running++;
        try {
          await session.run({ x: float32([1], [begun]) });
          if (begun === 5) {
            failed = true;
            throw new Error('stopped');
          }
        } finally {
          running--;
        }
      },
    );
    await expect(work).rejects.toThrow('stopped');
    expect([running, begunAfter]).toEqual([0, 0]);
  });

  it('are no more than there is to run at a time', async () => {
    await using replicas = await Replicas.open(openRuntime({ threads }), graph, 2);
    expect(replicas.count).toBe(Math.min(threads, 2));
  });
});
