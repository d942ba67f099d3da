import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, signalProcess, type ProcessIdentity } from './process-identity.ts';

const pollMs = 20;

/**
 * Ends a process, which may belong to another parent, together with its process group: first with `signal`,
 * and after `graceMs` with SIGKILL. Resolves when it is gone.
 */
export async function endProcess(
  identity: ProcessIdentity,
  { signal, graceMs }: { readonly signal: NodeJS.Signals; readonly graceMs: number },
): Promise<void> {
  signalProcess(identity, signal, { group: true });
  if (!(await endsWithin(identity, graceMs))) {
    signalProcess(identity, 'SIGKILL', { group: true });
    // A process in an uninterruptible system call outlives even SIGKILL for a while.
    await endsWithin(identity, killMs);
  }
}

const killMs = 5_000;

/** Whether a process ends within this time. */
export async function endsWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const until = performance.now() + milliseconds;
  while (isRunning(identity)) {
    if (performance.now() >= until) return false;
    await sleep(pollMs);
  }
  return true;
}
