import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  WorkflowFailedError,
} from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { runError } from './run-workflow.ts';

const failed = (cause: Error): WorkflowFailedError =>
  new WorkflowFailedError('The workflow failed.', cause, 'MAXIMUM_ATTEMPTS_REACHED');

describe('the error of a run', () => {
  it.each([
    ['InvalidInput', 'INPUT_INVALID'],
    ['RunAborted', 'RUN_ABORTED'],
    ['StageFailed', 'STAGE_FAILED'],
    ['CORPUS_EMPTY', 'CORPUS_EMPTY'],
    ['', 'RUN_FAILED'],
  ])('has a code in capitals for the failure type "%s"', (type, code) => {
    const error = runError(
      failed(ApplicationFailure.create({ type, message: 'epochs must be at least 1.', nonRetryable: true })),
      'train-1',
    );
    expect(error).toMatchObject({ code, message: 'epochs must be at least 1.\nThe run train-1 failed.' });
  });

  it('says how else a run ended', () => {
    expect(runError(failed(new CancelledFailure('canceled')), 'train-1')).toMatchObject({
      code: 'RUN_FAILED',
      message: 'The run train-1 was canceled: canceled.',
    });
    expect(runError(failed(new TerminatedFailure('by hand')), 'train-1')).toMatchObject({
      message: 'The run train-1 was terminated: by hand.',
    });
    const other = new Error('no connection');
    expect(runError(other, 'train-1')).toBe(other);
  });
});
