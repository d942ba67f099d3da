import { Worker } from 'node:worker_threads';

/**
 * Makes this child process end when its parent ends, even while a computation blocks its event loop.
 * @param parent the parent's process id, as sent by the parent, which may already have ended
 */
export function endWithParent(parent: number): void {
  new Worker(new URL('./watch-parent-thread.ts', import.meta.url), {
    workerData: { parent },
    execArgv: [],
  }).unref();
}
