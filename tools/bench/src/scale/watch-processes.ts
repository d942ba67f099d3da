import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The largest process of a kind. */
export interface PeakMemory {
  readonly kind: string;
  readonly mib: number;
}

/** The observed child processes. */
export interface ProcessWatch extends Disposable {
  /** By kind, the maximum resident memory of any one process in MiB, largest first. */
  peaks(): readonly PeakMemory[];
}

const everyMs = 1000;

/**
 * Periodically reads the peak memory of all descendants of this process. The kernel keeps the peak (VmHWM),
 * so none is missed while a process lives.
 */
export function watchProcesses(): ProcessWatch {
  const largest = new Map<string, number>();
  const look = (): void => {
    for (const { pid, kind } of descendants()) {
      const mib = statusMiB(pid, 'VmHWM');
      if (mib > 0) largest.set(kind, Math.max(largest.get(kind) ?? 0, mib));
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    peaks: () => Array.from(largest, ([kind, mib]) => ({ kind, mib })).toSorted((a, b) => b.mib - a.mib),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** The program of a command line: the file that Node runs, or the program itself. */
function kindOf(command: string): string {
  const script = /\/([\w.-]+)\.(?:ts|mjs|js)\b/.exec(command.replace(/^\S+/, ''))?.[1];
  const program = /^(?:\S*\/)?([\w.-]+)/.exec(command)?.[1] ?? 'unknown';
  if (script === undefined) return program;
  const folder = /apps\/(\w+)\/src\/main\.ts/.exec(command)?.[1];
  return folder ?? script;
}

function descendants(): { readonly pid: number; readonly kind: string }[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trim()
    .split('\n')
    .flatMap((row) => {
      const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
      return command === undefined
        ? []
        : [{ pid: Number(pid), parent: Number(parent), kind: kindOf(command) }];
    });
  const under = (parent: number): { pid: number; kind: string }[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row, ...under(row.pid)]);
  return under(process.pid).filter(({ kind }) => kind !== 'ps');
}

/** A value of /proc/PID/status in MiB; 0 for a process that has ended. */
export function statusMiB(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  try {
    return (
      Number(
        new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
      ) / 1024
    );
  } catch {
    return 0;
  }
}
