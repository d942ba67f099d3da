import { AppError } from '@overture/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inChildProcess, type ChildProcessOptions } from './in-child-process.ts';
import type { ProcessUsage } from './process-usage.ts';

const jobUrl = new URL('./fixtures/child-job.ts', import.meta.url).href;
const run = (job: unknown, options: ChildProcessOptions = {}): Promise<unknown> =>
  inChildProcess(jobUrl, job, options);

async function failureOf(running: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await running.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  expect(outcome).toBeInstanceOf(AppError);
  return outcome as AppError;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectDeath(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { message: `process ${pid} still runs` }).toBe(false);
}

/** Runs a job that hangs; `act` is called with the child's process id. */
function hanging(
  act: (pid: number) => void,
  job = 'hang',
  options: ChildProcessOptions = {},
): Promise<unknown> {
  return run(
    { act: job },
    {
      ...options,
      onMessage: (message) => 'pid' in (message as object) && act((message as { pid: number }).pid),
    },
  );
}

describe('inChildProcess', () => {
  it('says what the process took, once it is done', async () => {
    const usages: ProcessUsage[] = [];
    await run({ act: 'echo' }, { onUsage: (usage) => usages.push(usage) }).catch(() => undefined);
    expect(usages).toHaveLength(1);
    expect(usages[0]!.cpuSeconds).toBeGreaterThan(0.01);
    expect(usages[0]!.peakBytes).toBeGreaterThan(2 ** 24); // more than Node itself uses
  });

  it('carries job, messages and result, typed arrays included', async () => {
    const messages: unknown[] = [];
    const data = { list: [1, 'two'], floats: Float32Array.of(1.5, -2) };
    expect(await run({ act: 'echo', data }, { onMessage: (message) => messages.push(message) })).toEqual(
      data,
    );
    expect(messages).toEqual([{ pid: expect.any(Number) as number }]);
  });

  it('carries messages to the job, those included that came before it listened', async () => {
    const messages: unknown[] = [];
    let tell: ((message: unknown) => void) | undefined;
    const onMessage = (message: unknown): void => {
      messages.push(message);
      if (messages.length === 3) tell?.('bye');
    };
    expect(
      await run(
        { act: 'converse' },
        {
          onMessage,
          onStarted: (send) => {
            tell = send;
            ['one', { two: 2 }].forEach(send);
          },
        },
      ),
    ).toBe('bye');
    expect(messages.slice(1)).toEqual([{ heard: 'one' }, { heard: { two: 2 } }]);
    tell?.('nobody is there any more');
  });

  it('carries an AppError intact', async () => {
    const failure = await failureOf(run({ act: 'refuse' }));
    expect(failure.toJSON()).toEqual({
      code: 'FIXTURE_REFUSED',
      message: 'A fixture must refuse. It did.',
      details: { line: 7 },
      retryable: false,
    });
  });

  it('wraps other errors, and a module that does not load', async () => {
    expect(await failureOf(run({ act: 'throw' }))).toMatchObject({
      code: 'RUNTIME_CHILD_FAILED',
      message: 'an ordinary error',
      retryable: true,
    });
    expect((await failureOf(inChildProcess('file:///nowhere.ts', {}))).message).toContain('nowhere.ts');
  });

  it('reports a kill -9 as retryable, with the signal', async () => {
    const failure = await failureOf(hanging((pid) => process.kill(pid, 'SIGKILL')));
    expect(failure).toMatchObject({
      code: 'RUNTIME_CHILD_DIED',
      retryable: true,
      details: { signal: 'SIGKILL', exitCode: null },
    });
    expect(failure.message).toContain('It died of SIGKILL, as the system does when memory runs out.');
  });

  it('reports a native crash with its last words', async () => {
    const failure = await failureOf(run({ act: 'crash' }));
    expect(failure).toMatchObject({
      code: 'RUNTIME_CHILD_DIED',
      retryable: true,
      details: { signal: 'SIGABRT' },
    });
    expect(failure.message).toContain('about to crash');
  });

  it('reports an exit without a result', async () => {
    expect((await failureOf(run({ act: 'exit' }))).message).toContain('It died with exit code 3.');
  });

  it('survives a child that runs out of memory', async () => {
    const failure = await failureOf(run({ act: 'exhaust' }, { execArgv: ['--max-old-space-size=32'] }));
    expect(failure).toMatchObject({ code: 'RUNTIME_CHILD_DIED', retryable: true });
    expect(failure.message).toContain('heap');
  });

  it('lets a job tidy up when aborted, and rejects with the reason', async () => {
    const [abortion, reason] = [new AbortController(), new Error('enough')];
    const messages: unknown[] = [];
    const running = run(
      { act: 'tidy' },
      {
        signal: abortion.signal,
        onMessage: (message) => {
          messages.push(message);
          if (messages.length === 1) abortion.abort(reason);
        },
      },
    );
    await expect(running).rejects.toBe(reason);
    expect(messages).toHaveLength(2);
  });

  it('kills a job that does not end in time', async () => {
    const abortion = new AbortController();
    let child = 0;
    const running = hanging(
      (pid) => {
        child = pid;
        abortion.abort(new Error('enough'));
      },
      'hang',
      { signal: abortion.signal, graceMs: 50 },
    );
    await expect(running).rejects.toThrow('enough');
    await expectDeath(child);
  });

  it('kills a job that computes without a turn of the event loop', async () => {
    const abortion = new AbortController();
    let child = 0;
    const running = hanging(
      (pid) => {
        child = pid;
        abortion.abort(new Error('enough'));
      },
      'compute',
      { signal: abortion.signal, graceMs: (reason) => (reason === abortion.signal.reason ? 50 : 1e9) },
    );
    await expect(running).rejects.toThrow('enough');
    expect(isAlive(child)).toBe(false);
  });

  it('starts nothing when aborted before', async () => {
    await expect(run({ act: 'echo' }, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
  });

  it('ends the job when its listener throws', async () => {
    let child = 0;
    const running = hanging((pid) => {
      child = pid;
      throw new Error('listener broke');
    });
    await expect(running).rejects.toThrow('listener broke');
    await expectDeath(child);
  });

  it.each(['hang', 'compute'])('dies when its parent is killed, during %s', async (act) => {
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('./fixtures/parent-program.ts', import.meta.url)), act],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
    const child = Number(line);
    expect(isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await expectDeath(child);
  });
});
