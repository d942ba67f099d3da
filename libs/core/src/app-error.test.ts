import { describe, expect, it } from 'vitest';
import { AppError, toAppError } from './index.ts';

describe('AppError', () => {
  it('crosses a process boundary with all but stack and cause', () => {
    const error = new AppError('CORPUS_EMPTY', 'train.tsv is empty.', {
      details: { file: 'train.tsv', line: 1 },
      cause: new Error('x'),
    });
    const copy = AppError.fromJSON(JSON.parse(JSON.stringify(error)));
    expect(copy).toBeInstanceOf(AppError);
    expect(copy.toJSON()).toEqual({
      code: 'CORPUS_EMPTY',
      message: 'train.tsv is empty.',
      details: { file: 'train.tsv', line: 1 },
      retryable: false,
    });
  });

  it('takes over what others throw, as retryable, and leaves its own kind alone', () => {
    const own = new AppError('A', 'a');
    expect(toAppError(own)).toBe(own);
    const foreign = toAppError(new TypeError('socket closed'), 'REGISTRY_UNREACHABLE');
    expect(foreign).toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: 'socket closed',
      retryable: true,
    });
    expect(toAppError('text').message).toBe('text');
  });
});
