import { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { firstReachable, type Source } from './first-reachable.ts';

const what = { what: 'The base model minilm', advice: 'Put it into a folder and name that folder.' };
const absent: Source<string> = { name: 'the cache', get: async () => undefined };
const offline: Source<string> = {
  name: 'the hub',
  get: async () => Promise.reject(new AppError('DOWNLOAD_UNREACHABLE', 'no network', { retryable: true })),
};
const refused: Source<string> = {
  name: 'the mirror',
  get: async () => Promise.reject(new AppError('PIP_MISSING', 'no pip')),
};

describe('firstReachable', () => {
  it('returns the first answer, its source, and why the earlier ones did not do', async () => {
    const failures: string[] = [];
    const found = await firstReachable(
      [absent, offline, { name: 'a folder', get: async () => 'bytes' }, refused],
      {
        ...what,
        onFailure: ({ source }) => failures.push(source),
      },
    );
    expect(found).toEqual({
      value: 'bytes',
      source: 'a folder',
      tried: [
        { source: 'the cache', code: 'NOT_THERE', reason: 'not there' },
        { source: 'the hub', code: 'DOWNLOAD_UNREACHABLE', reason: 'no network' },
      ],
    });
    expect(failures).toEqual(['the cache', 'the hub']);
  });

  it('lists every source and the advice when none answers', async () => {
    const error: unknown = await firstReachable([absent, offline, refused], what).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'SOURCES_EXHAUSTED', retryable: true });
    expect((error as AppError).message).toBe(
      'The base model minilm was not found in any of 3 places:\n  1. the cache: not there\n  2. the hub: no network\n  3. the mirror: no pip\nPut it into a folder and name that folder.',
    );
  });

  it('is not retryable when no failure may pass by itself, and stops when told to', async () => {
    await expect(firstReachable([absent, refused], what)).rejects.toMatchObject({ retryable: false });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(firstReachable([absent], { ...what, signal })).rejects.toThrow('enough');
  });
});
