import { Worker } from 'node:worker_threads';

/**
 * Ends this child process when its parent ends, even while it computes and its event loop does not turn.
 * @param parent the parent's process id, as the parent sent it: the parent may have ended already
 */
export function endWithParent(parent: number): void {
  new Worker(new URL('./watch-parent-thread.ts', import.meta.url), { workerData: { parent }, execArgv: [] }).unref();
}
