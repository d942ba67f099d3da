import { workerData } from 'node:worker_threads';

/**
 * The program of a thread that kills its process when the parent process has ended. The process's own event
 * loop could be blocked by a computation. Only `endWithParent` starts it.
 */
const { parent } = workerData as { readonly parent: number };
const everyMs = 250;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, everyMs);
