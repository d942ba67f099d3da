import { setTimeout as sleep } from 'node:timers/promises';

/** Only for cases that hang: the speed depends on the machine. */
const patienceMs = 300_000;

/**
 * Polls until the answer is defined.
 * @throws Error that names what was waited for
 */
export async function polled<T>(
  what: string,
  ask: () => T | undefined | Promise<T | undefined>,
  forMs = patienceMs,
): Promise<T> {
  for (let pauseMs = 20, until = performance.now() + forMs; ; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`${what} did not happen within ${forMs / 1000} s.`);
    await sleep(pauseMs);
  }
}
