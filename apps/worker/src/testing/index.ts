export { startWorker, type WorkerProcess } from './worker-process.ts';
