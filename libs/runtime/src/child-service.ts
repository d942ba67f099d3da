import { AppError } from '@overture/core';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { collectOutput, diedError } from './child-death.ts';
import type { ProcessUsage } from './process-usage.ts';
import type { ServiceAnswer, ServiceRequest } from './service-messages.ts';

/** The default export of a module that `openChildService` runs: opened once, then asked one thing after the other. */
export type ChildServiceModule<Options, Request, Answer> = (options: Options) => Promise<(request: Request) => Promise<Answer>>;

/** A module in a process of its own. */
export interface ChildService<Request, Answer> {
  readonly processId: number;
  /** Whether it can still be asked. */
  readonly alive: boolean;
  /** What its process took until its last answer. */
  readonly usage: ProcessUsage;
  /**
   * Requests and answers are plain data; what is asked while it works waits.
   * @throws AppError of the module, intact but for stack and cause; `RUNTIME_CHILD_DIED` (retryable) when it crashed or was killed
   */
  ask(request: Request): Promise<Answer>;
  /** Ends the process, whatever it does. Closing twice is allowed. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ChildServiceOptions {
  /** Names the service in messages. */
  readonly name: string;
  /** What the module is opened with: plain data. */
  readonly options: unknown;
}

/**
 * Opens a module (a `ChildServiceModule`) in a process of its own, because running a graph blocks its thread and a crash of native code
 * kills its process. It ends when this process ends.
 * @throws AppError of the module, `RUNTIME_CHILD_DIED`
 */
export async function openChildService<Request, Answer>(moduleUrl: string, { name, options }: ChildServiceOptions): Promise<ChildService<Request, Answer>> {
  const child = fork(fileURLToPath(new URL('./service-child.ts', import.meta.url)), { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const ask = asker(child, name);
  try {
    const { usage } = await ask({ kind: 'open', parent: process.pid, moduleUrl, options });
    return new ForkedService<Request, Answer>(child, { ask, usage });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

type Answered = Extract<ServiceAnswer, { kind: 'answered' }>;
type Ask = (request: ServiceRequest) => Promise<Answered>;

class ForkedService<Request, Answer> implements ChildService<Request, Answer> {
  readonly #child: ChildProcess;
  readonly #ask: Ask;
  #last: Promise<unknown> = Promise.resolve();
  #usage: ProcessUsage;

  constructor(child: ChildProcess, { ask, usage }: { readonly ask: Ask; readonly usage: ProcessUsage }) {
    this.#child = child;
    this.#ask = ask;
    this.#usage = usage;
  }

  get processId(): number {
    return this.#child.pid!; // it has answered, so it was started
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get usage(): ProcessUsage {
    return this.#usage;
  }

  ask(request: Request): Promise<Answer> {
    const answer = this.#last.then(async () => {
      const { value, usage } = await this.#ask({ kind: 'ask', request });
      this.#usage = usage;
      return value as Answer;
    });
    this.#last = answer.catch(() => undefined); // told to who asked
    return answer;
  }

  async close(): Promise<void> {
    if (!this.alive) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL'); // it holds nothing that would have to be tidied
    await ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Sends one request after the other; an answer, or the child's end, settles the one that waits. */
function asker(child: ChildProcess, name: string): Ask {
  const output = collectOutput(child);
  let waiting: { resolve(answer: Answered): void; reject(error: Error): void } | undefined;
  let dead: Error | undefined;
  const settle = (act: (waiter: NonNullable<typeof waiting>) => void): void => {
    const waiter = waiting;
    waiting = undefined;
    if (waiter !== undefined) act(waiter);
  };
  const die = (error: Error): void => {
    dead ??= error;
    settle(({ reject }) => reject(error));
  };
  child.on('message', (answer: ServiceAnswer) => {
    settle(({ resolve, reject }) => (answer.kind === 'failed' ? reject(AppError.fromJSON(answer.error)) : resolve(answer)));
  });
  child.on('error', die);
  child.on('close', (code, killedBy) => die(diedError(name, { code, killedBy, output: output() })));
  return (request) => {
    if (dead !== undefined) return Promise.reject(dead);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      child.send(request, (error) => {
        if (error !== null) child.kill('SIGKILL'); // it went while we wrote: its end says how
      });
    });
  };
}
