import { ServiceError } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { resultWithRetry } from './result-with-retry.ts';

const silence = new ServiceError('Failed to get Workflow execution history', {
  cause: new Error('14 UNAVAILABLE: no connection'),
});

/** A handle that returns or throws these, one per call, and then repeats the last one. */
function handleOf(answers: readonly unknown[]): {
  workflowId: string;
  result: () => Promise<unknown>;
  asked: () => number;
} {
  let asked = 0;
  const result = (): Promise<unknown> => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { workflowId: 'study-1', result, asked: () => asked };
}

describe('resultWithRetry', () => {
  it('asks again while the server is silent, and says so once', async () => {
    const notes: string[] = [];
    const handle = handleOf([silence, silence, silence, { macroF1: 0.6 }]);
    expect(await resultWithRetry(handle, { onSilence: (note) => notes.push(note), pauseMs: 1 })).toEqual({
      macroF1: 0.6,
    });
    expect(notes).toEqual([
      'Temporal does not answer (14 UNAVAILABLE: no connection). Waiting for it. The run continues on the server.',
    ]);
    expect(handle.asked()).toBe(4);
  });

  it('gives up in the end, and says where the run is', async () => {
    const given = resultWithRetry(handleOf([silence]), {
      onSilence: () => undefined,
      maxSilenceMs: 60,
      pauseMs: 5,
    });
    await expect(given).rejects.toMatchObject({
      code: 'TEMPORAL_UNREACHABLE',
      message: expect.stringContaining('"overture runs show study-1"') as string,
    });
  });

  it('throws at once what the run failed with', async () => {
    const handle = handleOf([new Error('the run failed')]);
    await expect(resultWithRetry(handle, { onSilence: () => undefined })).rejects.toThrow('the run failed');
    expect(handle.asked()).toBe(1);
  });
});
