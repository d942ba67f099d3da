import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ScoringQueue, type ScoringQueueOptions } from './scoring-queue.ts';

/** A queue whose batches run until the test ends them. A sequence's score is its first id. */
function heldQueue(options: Partial<ScoringQueueOptions> = {}): {
  queue: ScoringQueue;
  batches: (readonly (readonly number[])[])[];
  end(error?: Error): Promise<void>;
} {
  const batches: (readonly (readonly number[])[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const queue = new ScoringQueue({
    concurrency: 1,
    capacity: 100,
    batch: { tokens: 12, similarity: 0.5 },
    run: (sequences) => {
      batches.push(sequences);
      return new Promise((resolve, reject) =>
        ends.push((error) => (error ? reject(error) : resolve(sequences.map(([first]) => first!)))),
      );
    },
    ...options,
  });
  const end = async (error?: Error): Promise<void> => {
    ends.shift()!(error);
    await turn();
    await turn();
  };
  return { queue, batches, end };
}

const owner = {};

describe('ScoringQueue', () => {
  it('merges what different callers ask in one turn, and what waits for a slot', async () => {
    const { queue, batches, end } = heldQueue();
    const first = [
      queue.score([1, 0], owner),
      queue.score([2, 0], {}),
      queue.score([3, 0, 0, 0, 0, 0, 0], {}),
    ];
    await turn();
    expect(batches).toEqual([
      [
        [1, 0],
        [2, 0],
      ],
    ]);
    const later = queue.score([4, 0, 0, 0, 0], {});
    await end();
    expect(batches[1]).toEqual([[3, 0, 0, 0, 0, 0, 0]]);
    await end();
    await end();
    expect(await Promise.all([...first, later])).toEqual([1, 2, 3, 4]);
  });

  it('runs as many batches at a time as the concurrency allows', async () => {
    const { queue, batches, end } = heldQueue({ concurrency: 2, batch: { tokens: 0, similarity: 1 } });
    const scores = [1, 2, 3].map((id) => queue.score([id], owner));
    await turn();
    expect(batches).toHaveLength(2);
    await end();
    expect(batches).toHaveLength(3);
    await end();
    await end();
    expect(await Promise.all(scores)).toEqual([1, 2, 3]);
  });

  it('fails only the batch that failed', async () => {
    const { queue, end } = heldQueue({ batch: { tokens: 0, similarity: 1 } });
    const scores = [1, 2].map((id) => queue.score([id], owner).catch((error: Error) => error.message));
    await turn();
    await end(new Error('crashed'));
    await end();
    expect(await Promise.all(scores)).toEqual(['crashed', 2]);
  });

  it('makes callers wait for room', async () => {
    const { queue, end } = heldQueue({ capacity: 2, batch: { tokens: 0, similarity: 1 } });
    const scores: Promise<number>[] = [];
    let asked = 0;
    const asking = (async () => {
      for (const id of [1, 2, 3, 4, 5]) {
        await queue.room();
        scores.push(queue.score([id], owner));
        asked = id;
      }
    })();
    await turn();
    await turn();
    expect(asked).toBeLessThanOrEqual(3);
    for (let i = 0; i < 5; i++) await end();
    await asking;
    expect(await Promise.all(scores)).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives up what an owner has waiting, and nobody else’s', async () => {
    const { queue, batches, end } = heldQueue({ batch: { tokens: 0, similarity: 1 } });
    const [mine, other] = [{}, {}];
    const scores = [queue.score([1], mine), queue.score([2], mine), queue.score([3], other)].map((score) =>
      score.catch((error: Error) => error.message),
    );
    await turn();
    queue.drop(mine, new Error('enough'));
    await end();
    await end();
    expect(await Promise.all(scores)).toEqual([1, 'enough', 3]);
    expect(batches.flat()).toEqual([[1], [3]]);
  });

  it('refuses what waits when closed, and lets what runs end', async () => {
    const { queue, end } = heldQueue({ batch: { tokens: 0, similarity: 1 } });
    const scores = [1, 2].map((id) => queue.score([id], owner).catch((error: Error) => error.message));
    await turn();
    const closing = queue.close();
    await end();
    await closing;
    expect(await Promise.all(scores)).toEqual([1, expect.stringContaining('must be open to predict')]);
    await expect(queue.score([3], owner)).rejects.toMatchObject({ code: 'PREDICTOR_CLOSED' });
  });
});
