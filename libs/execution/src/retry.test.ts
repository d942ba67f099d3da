import { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { retry } from './retry.ts';

const down = new AppError('REGISTRY_UNAVAILABLE', 'The database must answer.', { retryable: true });

/** A clock that advances by 10 ms on each reading, and a call that fails the given number of times. */
function failing(times: number, error: Error = down) {
  let [tries, time] = [0, 0];
  const patience = { forMs: 45, everyMs: 1, now: () => (time += 10), signal: new AbortController().signal };
  const open = async (): Promise<number> => {
    if (tries++ < times) throw error;
    return tries;
  };
  return { open, patience };
}

describe('patiently', () => {
  it('tries again until it works', async () => {
    const { open, patience } = failing(2);
    expect(await retry(open, patience)).toBe(3);
  });

  it('gives up in the end, with the reason', async () => {
    const { open, patience } = failing(100);
    await expect(retry(open, patience)).rejects.toBe(down);
  });

  it('does not wait for what waiting cannot help', async () => {
    const refused = new AppError('REGISTRY_ACCESS', 'The password must be right.');
    const { open, patience } = failing(1, refused);
    await expect(retry(open, patience)).rejects.toBe(refused);
  });
});
