import { AppError } from '@overture/core';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { collectOutput, diedError } from './child-death.ts';
import type { ChildMessage, ParentMessage } from './child-messages.ts';
import type { ProcessUsage } from './process-usage.ts';

/** Options of `inChildProcess`. */
export interface ChildProcessOptions {
  /**
   * Aborting asks the child to end (SIGTERM), then kills it (SIGKILL). The promise rejects with the signal's
   * reason.
   */
  readonly signal?: AbortSignal;
  /** Called with every message from the job. */
  readonly onMessage?: (message: unknown) => void;
  /** Called once, when the job is done, with the process's resource usage. */
  readonly onUsage?: (usage: ProcessUsage) => void;
  /**
   * Called once, with a function that sends plain data to the job. Data sent after the job has ended is lost.
   */
  readonly onStarted?: (send: (message: unknown) => void) => void;
  /** Called with the child's standard output and error output. */
  readonly onOutput?: (text: string) => void;
  /** Options of the node program, such as `--max-old-space-size=512`. Default: none. */
  readonly execArgv?: readonly string[];
  /**
   * Folder for Node's compile cache, which halves the child's startup time; created if missing. Default:
   * none.
   */
  readonly compileCache?: string;
  /** Time between SIGTERM and SIGKILL in milliseconds, or a function of the abort reason. Default 5,000. */
  readonly graceMs?: number | ((reason: unknown) => number);
}

/**
 * Runs the default export of a module (a `ChildJob`) in its own process, because running a graph blocks its
 * thread and a native crash ends the whole process. Job, messages, and result are plain data. The child ends
 * whenever this process ends, whatever either of them is doing.
 * @throws AppError of the job, without its stack and cause; `RUNTIME_CHILD_DIED` (retryable) if the child
 * crashed or was killed
 */
export function inChildProcess<Result>(
  moduleUrl: string,
  job: unknown,
  options: ChildProcessOptions = {},
): Promise<Result> {
  const { signal, execArgv = [], compileCache } = options;
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  const child = fork(fileURLToPath(new URL('./child-main.ts', import.meta.url)), {
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // eslint-disable-next-line no-restricted-properties -- a child inherits its parent's environment
    env: compileCache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  return new Promise<Result>((resolve, reject) => {
    const output = collectOutput(child, options.onOutput);
    let settle: (() => void) | undefined;
    let broken: Error | undefined;
    const stopAborting = killOnAbort(child, options);
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'done')
        settle = () => {
          options.onUsage?.(message.usage);
          resolve(message.result as Result);
        };
      if (message.kind === 'failed') settle = () => reject(AppError.fromJSON(message.error));
      if (message.kind !== 'message') return;
      try {
        options.onMessage?.(message.message);
      } catch (thrown) {
        // an error in a listener ends the job, because its messages are no longer handled
        broken = thrown as Error;
        child.kill('SIGKILL');
      }
    });
    child.on('error', (error) => (broken ??= error));
    child.on('close', (code, killedBy) => {
      stopAborting();
      if (signal?.aborted) reject(signal.reason as Error);
      else if (broken !== undefined) reject(broken);
      else if (settle !== undefined) settle();
      else reject(diedError(moduleUrl, { code, killedBy, output: output() }));
    });
    const send = (message: ParentMessage, sent: (error: Error | null) => void): void =>
      void child.send(message, sent);
    send({ kind: 'start', parent: process.pid, moduleUrl, job }, (error) => (broken ??= error ?? undefined));
    // an error means that the child ended; its close event has the reason
    options.onStarted?.((message) => send({ kind: 'message', message }, () => undefined));
  });
}

/** Kills the child after an abort. Returns a function to call when the child has ended. */
function killOnAbort(child: ChildProcess, { signal, graceMs = 5000 }: ChildProcessOptions): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    child.kill('SIGTERM');
    timer = setTimeout(
      () => child.kill('SIGKILL'),
      typeof graceMs === 'number' ? graceMs : graceMs(signal?.reason),
    );
  };
  signal?.addEventListener('abort', kill, { once: true });
  return () => {
    signal?.removeEventListener('abort', kill);
    clearTimeout(timer);
  };
}
