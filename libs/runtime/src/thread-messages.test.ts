import { float32, type Tensor } from '@overture/tensors';
import { describe, expect, it } from 'vitest';
import { received, toSend, type SentEarlier } from './thread-messages.ts';

const shared = (...values: number[]): Tensor => {
  const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
  data.set(values);
  return float32([values.length], data);
};

/**
 * A caller and a thread. Returns the tensors that the thread receives, and the names of those sent with their
 * content.
 */
function pair(): (tensors: Record<string, Tensor>) => {
  readonly got: Record<string, readonly number[]>;
  readonly sent: readonly string[];
} {
  const [caller, thread]: [SentEarlier, Map<string, Tensor[]>] = [new Map(), new Map()];
  return (tensors) => {
    const message = toSend(tensors, caller);
    const got = received(structuredClone(message), thread);
    return {
      got: Object.fromEntries(
        Object.entries(got).map(([name, { data }]) => [name, Array.from(data as Float32Array)]),
      ),
      sent: Object.keys(message.tensors),
    };
  };
}

describe('toSend', () => {
  it('sends a tensor in shared memory once, and the thread sees what is written to it later', () => {
    const [send, weights] = [pair(), shared(1, 2)];
    expect(send({ weights })).toEqual({ got: { weights: [1, 2] }, sent: ['weights'] });
    (weights.data as Float32Array)[0] = 5;
    expect(send({ weights })).toEqual({ got: { weights: [5, 2] }, sent: [] });
  });

  it('sends other memory every time', () => {
    const [send, ids] = [pair(), float32([1], [1])];
    send({ ids });
    (ids.data as Float32Array)[0] = 9;
    expect(send({ ids })).toEqual({ got: { ids: [9] }, sent: ['ids'] });
  });

  it('tells tensors of one name apart, forgets the oldest, and leaves out what is not asked for', () => {
    const send = pair();
    const tensors = Array.from({ length: 5 }, (_, i) => shared(i));
    const names = (order: readonly number[]): boolean[] =>
      order.map((i) => {
        const { got, sent } = send({ out: tensors[i]! });
        expect(got).toEqual({ out: [i] });
        return sent.length > 0;
      });
    expect(names([0, 1, 2, 3, 0, 1, 2, 3])).toEqual([true, true, true, true, false, false, false, false]);
    expect(names([4, 1, 2, 3, 4, 0])).toEqual([true, false, false, false, false, true]);
    expect(send({})).toEqual({ got: {}, sent: [] });
  });

  it('does not take a tensor in other memory for an earlier one of its name in shared memory', () => {
    const [send, weights] = [pair(), shared(1)];
    send({ weights });
    expect(send({ weights: float32([1], [2]) })).toEqual({ got: { weights: [2] }, sent: ['weights'] });
    expect(send({ weights })).toEqual({ got: { weights: [1] }, sent: [] });
  });
});
