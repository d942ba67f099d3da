import { AppError } from '@overture/core';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from './exit-codes.ts';

describe('exitCodeOf', () => {
  it.each([
    ['CORPUS_EMPTY', false, 3],
    ['INPUT_INVALID', false, 3],
    ['USAGE', false, 2],
    ['MODEL_UNKNOWN', false, 4],
    ['RUN_UNKNOWN', false, 4],
    ['STACK_START_FAILED', false, 5],
    ['TEMPORAL_UNREACHABLE', true, 5],
    ['CORPUS_PULL_UNREACHABLE', true, 5],
    ['RUN_FAILED', false, 6],
    ['RUNTIME_CHILD_DIED', true, 6],
  ])('%s (retryable: %s) is %i', (code, retryable, exitCode) => {
    expect(exitCodeOf(new AppError(code, 'words', { retryable }))).toBe(exitCode);
  });

  it('takes what is no AppError for a bug', () => {
    expect(exitCodeOf(new TypeError('x is undefined'))).toBe(1);
  });
});
