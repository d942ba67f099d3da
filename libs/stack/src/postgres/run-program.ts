import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Account } from './postgres-account.ts';

/** How to run a program. */
export interface ProgramOptions {
  readonly account: Account | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input. */
  readonly input?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a program to its end. On abort, on timeout and when this process exits, the program is killed together
 * with its children.
 * @throws Error with the program's standard error if it fails; the signal's reason
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  { account, env, input = '', timeoutMs, signal }: ProgramOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    ...account,
    cwd: '/',
    env: { ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  const timeout = setTimeout(kill, timeoutMs);
  process.on('exit', kill);
  signal?.addEventListener('abort', kill, { once: true });
  try {
    child.stdin.on('error', () => undefined).end(input);
    const [errors, [code, killedBy]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    signal?.throwIfAborted();
    if (code !== 0)
      throw new Error(errors.trim() || (killedBy === null ? `exit code ${code}` : `signal ${killedBy}`));
  } finally {
    clearTimeout(timeout);
    process.off('exit', kill);
    signal?.removeEventListener('abort', kill);
  }
}
