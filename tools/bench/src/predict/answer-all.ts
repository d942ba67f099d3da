/** How the requests of a round went. */
export interface Answered {
  readonly seconds: number;
  /** Of every request, from asking to answer, in milliseconds. */
  readonly latencies: readonly number[];
}

/** So many callers at a time, each of which asks again when it has its answer, until every request is answered. */
export async function answerAll<T>(requests: readonly T[], concurrency: number, answer: (request: T) => Promise<void>): Promise<Answered> {
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
