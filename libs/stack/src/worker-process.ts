import type { ProcessSpec } from './guardian/protocol.ts';

/** The module, log and environment of a worker process. */
export interface WorkerProcessOptions {
  /** The worker's module. */
  readonly entry: string;
  readonly logFile: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A process that runs the worker under this Node. It has time to write a checkpoint before it is killed, and
 * is restarted after a crash.
 */
export function workerSpec({ entry, logFile, cwd, env }: WorkerProcessOptions): ProcessSpec {
  return {
    name: 'worker',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', entry],
    cwd,
    env,
    logFile,
    readyPattern: '"?ready"?',
    stop: { signal: 'SIGTERM', graceMs: 20_000, rank: 0, hurry: true },
    restart: { firstMs: 250, maxMs: 30_000, healthyMs: 60_000 },
  };
}
