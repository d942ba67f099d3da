import { setImmediate as breathe } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { AppError } from '@overture/core';
import { paddedInputs } from '@overture/models';
import {
  hasSeparateMemory,
  openRuntime,
  openSessionPool,
  usageTogether,
  type ExecutionProvider,
  type ProcessUsage,
  type SessionPool,
  type Tensors,
} from '@overture/runtime';

/** Where a model runs, and how much of the machine it uses. */
export interface ExecutionOptions {
  /** Number of processor cores to use. Default: all. */
  readonly threads?: number;
  /**
   * Number of processes that share the threads when several requests run concurrently, each with a copy of
   * the weights. A single request runs in one further process with all threads. Default: one per thread, or
   * one on a device. One per thread has the highest throughput, because sequences are short and threads of
   * one process wait for each other. 0: on the calling thread, which is then blocked during a batch.
   */
  readonly processes?: number;
  readonly executionProvider?: ExecutionProvider;
  readonly onWarning?: (message: string) => void;
}

/** A classifier's graph, ready to run. */
export interface ClassifierSession {
  readonly inputs: readonly string[];
  /** Maximum number of concurrent runs. */
  readonly concurrency: number;
  run(feeds: Tensors): Promise<Tensors>;
  /** Resources used by its processes; undefined on the calling thread. */
  usage(): ProcessUsage | undefined;
  close(): Promise<void>;
}

/**
 * Opens an exported graph.
 * @throws AppError `BUNDLE_INVALID` if it is not a classifier, `RUNTIME_…`
 */
export async function openClassifierSession(
  path: string,
  { threads = availableParallelism(), ...options }: ExecutionOptions,
): Promise<ClassifierSession> {
  const { processes = hasSeparateMemory(options.executionProvider ?? 'cpu') ? 1 : threads } = options;
  const session =
    processes === 0
      ? await onThisThread(path, { ...options, threads })
      : await inProcesses(path, { ...options, threads, processes });
  const wanted = [paddedInputs.ids, paddedInputs.mask];
  if (wanted.every((name) => session.inputs.includes(name)) && session.outputs.includes('logits'))
    return session;
  await session.close();
  throw new AppError(
    'BUNDLE_INVALID',
    `${path} must have the inputs ${wanted.join(', ')} and the output logits. Got ${session.inputs.join(', ')} and ${session.outputs.join(', ')} instead. Export the model again.`,
    { details: { path } },
  );
}

type Opened = ClassifierSession & { readonly outputs: readonly string[] };

async function onThisThread(path: string, options: ExecutionOptions): Promise<Opened> {
  const session = await openRuntime(options).load(path);
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    concurrency: 1,
    run: async (feeds) => {
      const outputs = await session.run(feeds);
      await breathe(); // a run blocks the thread; this lets timers run, such as a worker's heartbeat
      return outputs;
    },
    usage: () => undefined,
    close: () => session.close(),
  };
}

type InProcesses = ExecutionOptions & { readonly threads: number; readonly processes: number };

/**
 * One process has all threads, which spin while they wait for each other. It serves a request that is alone,
 * with the lowest latency. The processes that share the threads serve concurrent requests, and are started on
 * the first of these.
 */
async function inProcesses(path: string, { threads, processes, ...options }: InProcesses): Promise<Opened> {
  const alone = await openSessionPool(path, { ...options, processes: 1, threads, allowSpinning: true });
  const pools = [alone];
  const openShared = async (): Promise<SessionPool> => {
    const pool = await openSessionPool(path, {
      ...options,
      processes,
      threads: Math.max(1, Math.floor(threads / processes)),
      onWarning: undefined,
    });
    pools.push(pool);
    return pool;
  };
  let shared: Promise<SessionPool> | undefined;
  let running = 0;
  const poolFor = async (others: number): Promise<SessionPool> => {
    if (others === 0 || processes === 1) return alone;
    shared ??= openShared();
    try {
      return await shared;
    } catch (error) {
      shared = undefined; // the next request tries again
      throw error;
    }
  };
  return {
    inputs: alone.inputs,
    outputs: alone.outputs,
    concurrency: processes,
    async run(feeds) {
      const others = running++;
      try {
        return await (await poolFor(others)).run(feeds);
      } finally {
        running--;
      }
    },
    usage: () => usageTogether(pools.map((pool) => pool.usage())),
    async close() {
      await Promise.all([
        alone.close(),
        shared?.then(
          (pool) => pool.close(),
          () => undefined,
        ),
      ]);
    },
  };
}
