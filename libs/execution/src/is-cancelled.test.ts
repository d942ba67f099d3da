import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { isCancelled } from './is-cancelled.ts';

describe('isCancelled', () => {
  it('is true where a run was cancelled, and false where its worker stops, the server has forgotten it, or the lease is lost', () => {
    const reasons = [new CancelledFailure('CANCELLED'), new CancelledFailure('WORKER_SHUTDOWN'), new CancelledFailure('NOT_FOUND'), new Error('CANCELLED'), undefined];
    expect(reasons.map(isCancelled)).toEqual([true, false, false, false, false]);
  });
});
