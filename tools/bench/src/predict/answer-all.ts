/** The timing of the requests in a round. */
export interface Answered {
  readonly seconds: number;
  /** Latency of every request in milliseconds. */
  readonly latencies: readonly number[];
}

/**
 * Sends all requests with this concurrency: each caller sends its next request when it has received its
 * answer.
 */
export async function answerAll<T>(
  requests: readonly T[],
  concurrency: number,
  answer: (request: T) => Promise<void>,
): Promise<Answered> {
  const latencies: number[] = [];
  let next = 0;
  const start = performance.now();
  const caller = async (): Promise<void> => {
    while (next < requests.length) {
      const asked = performance.now();
      await answer(requests[next++]);
      latencies.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return { seconds: (performance.now() - start) / 1000, latencies };
}
