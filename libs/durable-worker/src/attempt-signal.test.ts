import { isCanceled } from '@overture/execution';
import { CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { attemptSignal } from './attempt-signal.ts';

describe('attemptSignal', () => {
  const reasons = [
    new CancelledFailure('CANCELLED'),
    new CancelledFailure('WORKER_SHUTDOWN'),
    new CancelledFailure('NOT_FOUND'),
    new Error('CANCELLED'),
  ];

  it('tells a canceled run from a worker that stops, a forgotten activity and a lost lease', () => {
    expect(reasons.map((reason) => isCanceled(attemptSignal(AbortSignal.abort(reason)).reason))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('is aborted when its activity is', () => {
    const activity = new AbortController();
    const signal = attemptSignal(activity.signal);
    expect(signal.aborted).toBe(false);
    activity.abort(reasons[1]);
    expect(signal.reason).toBe(reasons[1]);
  });
});
