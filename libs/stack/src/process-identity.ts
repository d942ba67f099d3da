import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A unique process: the kernel reuses a pid, but never the same pid and start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque text that differs between processes with the same pid; empty if the process had already ended. */
  readonly startTime: string;
}

/** The identity of a running process. */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? '' };
}

/** Whether exactly this process still runs. A zombie does not count as running. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.startTime !== '' && startTimeOf(identity.pid) === identity.startTime;
}

/**
 * Sends a signal to exactly this process or, with `group`, to the process group that it leads. Does nothing
 * if it is gone.
 */
export function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
  options: { readonly group?: boolean } = {},
): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(options.group ? -identity.pid : identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function startTimeOf(pid: number): string | undefined {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

let bootId: string | undefined;

/**
 * The name in parentheses may contain any character, so fields are counted from the last `)`. Field 3 is the
 * state, field 22 the start time (proc(5)).
 */
function fromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${bootId}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
    }).trim();
    const [state = '', ...start] = line.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
