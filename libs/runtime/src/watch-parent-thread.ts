import { workerData } from 'node:worker_threads';

/**
 * The program of a thread that ends its process when the process's parent has ended. The process itself may be computing and would notice too late.
 * Only `endWithParent` starts it.
 */
const { parent } = workerData as { readonly parent: number };
const everyMs = 250;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
}, everyMs);
