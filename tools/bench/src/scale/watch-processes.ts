import { readFileSync } from 'node:fs';
import type { WorkerProcess } from '@overture/worker/testing';

/** What was seen of the processes of a worker. */
export interface ProcessWatch extends Disposable {
  /** The most resident memory of the worker itself, MiB. */
  workerMiB(): number;
  /** The most resident memory of any one of its child processes, MiB. */
  childMiB(): number;
}

const everyMs = 500;

/** Reads the peak memory of the worker and of its descendants now and then (VmHWM is kept by the kernel, so that no peak is missed while a process lives). */
export function watchProcesses(worker: WorkerProcess): ProcessWatch {
  let [own, child] = [0, 0];
  const look = (): void => {
    own = Math.max(own, statusMiB(worker.pid, 'VmHWM'));
    for (const pid of worker.descendants()) child = Math.max(child, statusMiB(pid, 'VmHWM'));
  };
  const timer = setInterval(look, everyMs);
  return {
    workerMiB: () => own,
    childMiB: () => child,
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** A line of /proc/PID/status in MiB; 0 for a process that is gone. */
export function statusMiB(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
