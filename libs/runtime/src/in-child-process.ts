import { AppError } from '@overture/core';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { collectOutput, diedError } from './child-death.ts';
import type { ChildMessage, ParentMessage } from './child-messages.ts';
import type { ProcessUsage } from './process-usage.ts';

export interface ChildProcessOptions {
  /** Aborting asks the child to end (SIGTERM), then ends it (SIGKILL); the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with everything that the job sends. */
  readonly onMessage?: (message: unknown) => void;
  /** Called once, when the job is done, with what its process took. */
  readonly onUsage?: (usage: ProcessUsage) => void;
  /** Called once, with what sends plain data to the job; it gets lost when the job is over. */
  readonly onStarted?: (send: (message: unknown) => void) => void;
  /** Called with what the child writes to its standard output and error. */
  readonly onOutput?: (text: string) => void;
  /** Options of the node program, such as `--max-old-space-size=512`. Default none. */
  readonly execArgv?: readonly string[];
  /** A folder in which compiled sources are kept, which halves the time a child needs to start; made when missing. Default none. */
  readonly compileCache?: string;
  /** Time between SIGTERM and SIGKILL, in milliseconds, or how it follows from the signal's reason. Default 5,000. */
  readonly graceMs?: number | ((reason: unknown) => number);
}

/**
 * Runs the default export of a module (a `ChildJob`) in a process of its own, because running a graph blocks its thread
 * and a crash of native code kills its process. Job, messages and result are plain data. The child ends when this process
 * ends, however that happens and whatever the child is doing.
 * @throws AppError of the job, intact but for stack and cause; `RUNTIME_CHILD_DIED` (retryable) when the child crashed or was killed
 */
export function inChildProcess<Result>(moduleUrl: string, job: unknown, options: ChildProcessOptions = {}): Promise<Result> {
  const { signal, execArgv = [], compileCache } = options;
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  const child = fork(fileURLToPath(new URL('./child-main.ts', import.meta.url)), {
    // eslint-disable-next-line no-restricted-properties -- a child has its parent's environment
    execArgv: [...execArgv], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: compileCache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });
  return new Promise<Result>((resolve, reject) => {
    const output = collectOutput(child, options.onOutput);
    let settle: (() => void) | undefined;
    let broken: Error | undefined;
    const stopAborting = killOnAbort(child, options);
    child.on('message', (message: ChildMessage) => {
      if (message.kind === 'done') settle = () => {
        options.onUsage?.(message.usage);
        resolve(message.result as Result);
      };
      if (message.kind === 'failed') settle = () => reject(AppError.fromJSON(message.error));
      if (message.kind !== 'message') return;
      try {
        options.onMessage?.(message.message);
      } catch (thrown) {
        broken = thrown as Error; // a listener's own error ends the job: nobody is listening any more
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
    const send = (message: ParentMessage, sent: (error: Error | null) => void): void => void child.send(message, sent);
    send({ kind: 'start', parent: process.pid, moduleUrl, job }, (error) => (broken ??= error ?? undefined));
    options.onStarted?.((message) => send({ kind: 'message', message }, () => undefined)); // to a child that is gone: its end says how
  });
}

/** Returns what to call when the child has ended. */
function killOnAbort(child: ChildProcess, { signal, graceMs = 5000 }: ChildProcessOptions): () => void {
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), typeof graceMs === 'number' ? graceMs : graceMs(signal?.reason));
  };
  signal?.addEventListener('abort', kill, { once: true });
  return () => {
    signal?.removeEventListener('abort', kill);
    clearTimeout(timer);
  };
}
